import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { TandemError } from '../lib/errors';

const runs = 5;
/** What Tandem may cost as a multiple of plain cdktf, in time and in memory. */
const highestRatio = 1.3;
/** How many environments are synthesized in one run, and what a resource of more may cost as a multiple of one of fewer. */
const [few, many] = [3, 9];
const highestGrowth = 1.1;

const stackFile = z.object({ resource: z.record(z.string(), z.record(z.string(), z.unknown())) });

interface Run {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

const scratch = mkdtempSync(path.join(tmpdir(), 'tandem-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true }));

/** Runs a synthesis as a whole process and leaves what it wrote in the folder of that name. */
function measure(program: string, folder: string, environment: Readonly<Record<string, string>>): Run {
  const outdir = path.join(scratch, folder);
  rmSync(outdir, { recursive: true, force: true });
  const started = performance.now();
  const { status, output } = spawnSync(
    process.execPath,
    ['--require', path.resolve('dist/bench/synth/peak.js'), program],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      env: { ...process.env, CDKTF_OUTDIR: outdir, ...environment },
    },
  );
  const milliseconds = performance.now() - started;
  if (status === 0) return { milliseconds, mebibytes: Number(output[3]) / 1024 };
  throw new TandemError('BuildMissing', {
    found: `${program} ended with ${String(status)}`,
    expected: 'a program that synthesizes',
    next: 'npm run bench',
  });
}

/** How many resources were written, by type. */
function countsIn(folder: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const stack of readdirSync(path.join(scratch, folder, 'stacks'))) {
    const file = readFileSync(path.join(scratch, folder, 'stacks', stack, 'cdk.tf.json'), 'utf8');
    for (const [type, resources] of Object.entries(stackFile.parse(JSON.parse(file)).resource)) {
      counts[type] = (counts[type] ?? 0) + Object.keys(resources).length;
    }
  }
  return counts;
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const median = (of: readonly Run[], figure: keyof Run): number =>
  of.map((run) => run[figure]).toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? NaN;

const measured = {
  tandem: new Array<Run>(),
  bare: new Array<Run>(),
  few: new Array<Run>(),
  many: new Array<Run>(),
};
// Alternating, so that a machine that gets busy slows all of them.
for (let run = 0; run < runs; run++) {
  measured.tandem.push(measure('dist/main.js', 'tandem', { TANDEM_OFFLINE: '1' }));
  measured.bare.push(
    measure('dist/bench/synth/bare.js', 'bare', { BARE_FROM: path.join(scratch, 'tandem') }),
  );
  measured.few.push(measure('dist/bench/synth/many.js', 'few', { MANY: String(few) }));
  measured.many.push(measure('dist/bench/synth/many.js', 'many', { MANY: String(many) }));
}
const [ours, plain] = [countsIn('tandem'), countsIn('bare')];
if (!isDeepStrictEqual(ours, plain)) {
  throw new TandemError('SynthesisUnexpected', {
    found: `${JSON.stringify(ours)} against ${JSON.stringify(plain)}`,
    expected: 'as many resources of each type in both programs',
    next: 'compare bench/synth/bare.ts',
  });
}

console.log(`synth: medians of ${runs} alternating runs of a whole process; ${total(ours)} resources`);
for (const [figure, title] of [
  ['milliseconds', 'wall time, ms'],
  ['mebibytes', 'peak memory, MiB'],
] as const) {
  judge(
    `${title.padEnd(17)} tandem ${median(measured.tandem, figure).toFixed(0)}, bare cdktf ${median(measured.bare, figure).toFixed(0)}`,
    median(measured.tandem, figure) / median(measured.bare, figure),
    highestRatio,
  );
  const [one, more] = (['few', 'many'] as const).map(
    (size) => median(measured[size], figure) / total(countsIn(size)),
  );
  judge(
    `${''.padEnd(17)} a resource of ${few} environments ${one?.toFixed(3) ?? ''}, of ${many} ${more?.toFixed(3) ?? ''}`,
    (more ?? NaN) / (one ?? NaN),
    highestGrowth,
  );
}

function judge(line: string, ratio: number, highest: number): void {
  const missed = !(ratio <= highest);
  console.log(`${line}, ratio ${ratio.toFixed(2)} (objective: at most ${highest})${missed ? ' MISSED' : ''}`);
  if (missed) process.exitCode = 1;
}
