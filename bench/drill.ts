import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detectionSeconds } from '../failover/budgets';
import { evidenceSchema } from '../failover/evidence/record';
import { TandemError } from '../lib/errors';

const runs = 5;
/** What a failover may take as a multiple of what its own settings cost at worst. */
const highestRatio = 1.25;

/** One drill as a whole process: measured RTO, and the floor of the same run: detection + TTL + promotion. */
function measure(): { readonly rto: number; readonly floor: number } {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tandem-bench-'));
  try {
    const args = ['drill', 'production', '--target', 'embedded', '--json', '--evidence', scratch];
    const { stdout } = spawnSync(process.execPath, ['dist/tandem.js', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1e8,
    });
    const { movements, timing, error } = evidenceSchema.parse(JSON.parse(stdout));
    const failover = movements.find(({ kind }) => kind === 'failover');
    if (!failover) {
      throw new TandemError('DrillRefused', {
        found: `a drill without a failover: ${error?.found ?? 'no error given'}`,
        expected: 'five drills that fail over',
        next: 'tandem drill production --target embedded',
      });
    }
    const { totalSeconds, promoteSeconds } = failover.rto;
    return { rto: totalSeconds, floor: detectionSeconds(timing) + timing.ttlSeconds + promoteSeconds };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

console.log(
  'drill: measured RTO against detection (interval × threshold) + TTL + the promotion of the same run',
);
let worst = 0;
for (let run = 1; run <= runs; run++) {
  const { rto, floor } = measure();
  worst = Math.max(worst, rto / floor);
  console.log(
    `  run ${run}   RTO ${rto.toFixed(2)} s   floor ${floor.toFixed(2)} s   ratio ${(rto / floor).toFixed(2)}`,
  );
}
console.log(`  worst ratio ${worst.toFixed(2)}, at most ${highestRatio} wanted`);
if (worst > highestRatio) process.exitCode = 1;
