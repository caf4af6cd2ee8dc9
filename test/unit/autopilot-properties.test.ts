import fc from 'fast-check';
import { loadEnvironment } from '../../environments';
import { timingOf } from '../../environments/autopilot';
import { decide, type Memory } from '../../failover/autopilot/decide';
import type { Round } from '../../failover/autopilot/round';
import { lag, type Looks, lost, noon, whole, without } from '../support/autopilot-looks';

const timing = timingOf(loadEnvironment('production'));

describe('any history', () => {
  const flaw: fc.Arbitrary<Partial<Looks>> = fc.constantFrom<Partial<Looks>>(
    { witness: 'peer' },
    { peerServes: true },
    { peerDatabaseAnswers: true },
    { edgeAnswers: false },
    { ownServes: false },
    { replica: false },
    { operation: 'under-way' },
    { clusterObjections: ['1 node of 2'] },
    { lag: lag(3600) },
    { lag: [] },
  );
  const missing = fc.constantFrom<keyof Looks>(
    'witness',
    'peerServes',
    'ownServes',
    'peerDatabaseAnswers',
    'edgeAnswers',
    'replica',
    'operation',
    'clusterObjections',
  );
  const looks: fc.Arbitrary<Looks> = fc.oneof(
    { weight: 40, arbitrary: fc.constant(lost) },
    { weight: 3, arbitrary: fc.constant(whole) },
    { weight: 2, arbitrary: flaw.map((one) => ({ ...lost, ...one })) },
    {
      weight: 1,
      arbitrary: missing.map(without),
    },
  );
  const step = fc.record({
    looks,
    passed: fc.oneof(
      { weight: 40, arbitrary: fc.integer({ min: 3000, max: 7000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
    ),
    jump: fc.oneof(
      { weight: 40, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -90_000, max: 90_000 }) },
    ),
  });
  /** Every condition as it is written in the issue, said again without the gates. */
  const allGood = (round: Round): boolean =>
    round.witness === 'own' &&
    round.peerServes === false &&
    round.ownServes === true &&
    round.peerDatabaseAnswers === false &&
    round.edgeAnswers === true &&
    round.replica === true &&
    round.operation === 'none' &&
    round.clusterObjections?.length === 0 &&
    round.lag?.[0]?.seconds === 0.4;

  it('never fails over unless every gate held during the whole window', () => {
    let failedOver = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        let memory: Memory = { since: {} };
        const seen: Round[] = [];
        let atMs = 0;
        let offset = noon;
        for (const { looks: sees, passed, jump } of [{ looks: whole, passed: 0, jump: 0 }, ...steps]) {
          atMs += passed;
          offset += jump;
          const round = { ...sees, atMs, wallMs: atMs + offset };
          seen.push(round);
          const judged = decide(memory, round, timing);
          memory = judged.memory;
          if (judged.decision.verdict !== 'fail-over') continue;
          failedOver += 1;
          const begin = seen.findLastIndex((one) => one.atMs <= atMs - timing.window * 1000);
          const during = seen.slice(begin);
          if (begin < 0 || !during.every(allGood)) return false;
          for (const [at, one] of during.slice(1).entries()) {
            const before = during[at] ?? one;
            const apart = one.atMs - before.atMs;
            const onTheWall = one.wallMs - before.wallMs;
            if (apart > timing.gap * 1000 || Math.abs(onTheWall - apart) > timing.gap * 1000) return false;
          }
        }
        return true;
      }),
      { numRuns: 1000 },
    );
    expect(failedOver).toBeGreaterThan(100);
  });
});
