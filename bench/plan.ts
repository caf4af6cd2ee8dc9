import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { plansAtOnce } from '../cli/terraform/each-stack';
import { TandemError } from '../lib/errors';

/** Each way; the quicker counts, since a machine that does other things only ever slows one. */
const runs = 2;
/** What a plan of all stacks may take as a multiple of Terraform run by hand. */
const highestRatio = 1.1;

const tandem = [process.execPath, path.resolve('dist/tandem.js')] as const;
const { TF_PLUGIN_MIRROR: mirror } = process.env;
const atOnce = plansAtOnce();

/** Seconds that a command takes; `wanted` are its exit codes. */
function seconds([command, ...args]: readonly string[], cwd: string, wanted: readonly number[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(command ?? '', args, { cwd, encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== null && wanted.includes(status)) return (performance.now() - started) / 1000;
  throw new TandemError('TerraformFailed', {
    found: `${[command, ...args].join(' ')} ended with ${String(status)}: ${stderr.slice(-500)}`,
    expected: wanted.join(' or '),
    next: 'tandem plan production --offline',
  });
}

/** By hand: each stack initialized and planned, as many at a time, in folders that are there already. */
function byHand(scratch: string): number {
  seconds([...tandem, 'synth', 'production', '--offline', '--out', 'by-hand'], scratch, [0]);
  const init = `terraform init -input=false ${mirror ? `-plugin-dir=${mirror}` : ''}`;
  const each = `cd "$1" && ${init} && terraform plan -input=false -lock=false -out=plan`;
  const all = `printf '%s\\n' by-hand/stacks/* | xargs -P ${atOnce} -I{} sh -c '${each}' _ {}`;
  return seconds(['sh', '-c', all], scratch, [0]);
}

const measured = Array.from({ length: runs }, (_, run) => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tandem-bench-'));
  try {
    const ours = () => seconds([...tandem, 'plan', 'production', '--offline', '--json'], scratch, [2]);
    const hand = () => byHand(scratch);
    // Each goes first in turn, for a machine that gets busier slows what comes second.
    return run % 2 === 0 ? { ours: ours(), hand: hand() } : { hand: hand(), ours: ours() };
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
const [ours, hand] = (['ours', 'hand'] as const).map((way) => Math.min(...measured.map((run) => run[way])));
const ratio = (ours ?? NaN) / (hand ?? NaN);
const missed = !(ratio <= highestRatio);
console.log(
  `plan: production offline, every stack, ${atOnce} at a time, the quicker of ${runs} alternating runs\n` +
    `wall time, s  tandem plan ${ours?.toFixed(1) ?? ''} (with synthesis), terraform by hand ${hand?.toFixed(1) ?? ''}, ` +
    `ratio ${ratio.toFixed(2)} (objective: at most ${highestRatio})${missed ? ' MISSED' : ''}`,
);
if (missed) process.exitCode = 1;
