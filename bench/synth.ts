import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { TandemError } from '../lib/errors';

const runs = 5;
/** What Tandem may cost as a multiple of plain cdktf, in time and in memory. */
const highestRatio = 1.5;

const stackFile = z.object({ resource: z.record(z.string(), z.record(z.string(), z.unknown())) });

interface Run {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

/** Runs a synthesis as a whole process; `counts` is how many resources came out, by type. */
function measure(program: string): { run: Run; counts: Readonly<Record<string, number>> } {
  const outdir = mkdtempSync(path.join(tmpdir(), 'tandem-bench-'));
  try {
    const started = performance.now();
    const { status, output } = spawnSync(
      process.execPath,
      ['--require', path.resolve('dist/bench/synth/peak.js'), program],
      { stdio: ['ignore', 'inherit', 'inherit', 'pipe'], env: { ...process.env, CDKTF_OUTDIR: outdir } },
    );
    const milliseconds = performance.now() - started;
    if (status !== 0) {
      throw new TandemError('BuildMissing', {
        found: `${program} ended with ${String(status)}`,
        expected: 'a program that synthesizes',
        next: 'npm run bench',
      });
    }
    return { run: { milliseconds, mebibytes: Number(output[3]) / 1024 }, counts: countResources(outdir) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function countResources(outdir: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const stack of readdirSync(path.join(outdir, 'stacks'))) {
    const file = readFileSync(path.join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8');
    for (const [type, resources] of Object.entries(stackFile.parse(JSON.parse(file)).resource)) {
      counts[type] = (counts[type] ?? 0) + Object.keys(resources).length;
    }
  }
  return counts;
}

const tandem: Run[] = [];
const bare: Run[] = [];
// Alternating, so that a machine that gets busy slows both.
for (let run = 0; run < runs; run++) {
  const ours = measure('dist/main.js');
  const plain = measure('dist/bench/synth/bare.js');
  if (!isDeepStrictEqual(ours.counts, plain.counts)) {
    throw new TandemError('SynthesisUnexpected', {
      found: `${JSON.stringify(ours.counts)} against ${JSON.stringify(plain.counts)}`,
      expected: 'as many resources of each type in both programs',
      next: 'declare in bench/synth/bare.ts what main.ts declares now',
    });
  }
  tandem.push(ours.run);
  bare.push(plain.run);
}

const median = (of: readonly Run[], figure: keyof Run): number =>
  of.map((run) => run[figure]).toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? NaN;

console.log(`synth: medians of ${runs} alternating runs of a whole process`);
for (const [figure, title] of [
  ['milliseconds', 'wall time, ms'],
  ['mebibytes', 'peak memory, MiB'],
] as const) {
  const [ours, plain] = [median(tandem, figure), median(bare, figure)];
  const ratio = ours / plain;
  const missed = !(ratio <= highestRatio);
  console.log(
    `${title.padEnd(17)} tandem ${ours.toFixed(0)}, bare cdktf ${plain.toFixed(0)}, ratio ${ratio.toFixed(2)}` +
      ` (objective: at most ${highestRatio})${missed ? ' MISSED' : ''}`,
  );
  if (missed) process.exitCode = 1;
}
