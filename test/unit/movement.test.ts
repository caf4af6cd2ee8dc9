import fc from 'fast-check';
import type { Observation } from '../../failover/clients';
import { Ledger } from '../../failover/ledger';
import { measureMovement, type MovementFacts } from '../../failover/movement';

const [from, to] = ['east', 'west'];
const atMs = fc.double({ min: 0, max: 600_000, noNaN: true });
const byTime = <T extends { readonly atMs: number }>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { maxLength: 12 }).map((all) => all.sort((a, b) => a.atMs - b.atMs));
const region = fc.constantFrom(from, to, undefined);
const nothingLost = { acknowledged: 0, lost: [], unacknowledgedPresent: 0 };

const ledgerOf = (writes: readonly { readonly atMs: number; readonly region: string | undefined }[]) => {
  const ledger = new Ledger();
  writes.forEach((write, index) => ledger.acknowledged(`w-${index}`, write.atMs, write.region));
  return ledger;
};
const observed = (at: number, by: string, outcome: Observation['outcome']): Observation => ({
  atMs: at,
  kind: 'write',
  region: by,
  outcome,
});
const facts = (given: Partial<MovementFacts>): MovementFacts => ({
  kind: 'failover',
  from,
  to,
  startedAtMs: 0,
  oldStoppedAtMs: 0,
  promotedAtMs: 0,
  comparison: nothingLost,
  ...given,
});

describe('a movement', () => {
  const drill = {
    ledger: ledgerOf([
      { atMs: 900, region: from },
      { atMs: 1010, region: from },
      { atMs: 5600, region: to },
      { atMs: 5700, region: to },
    ]),
    observations: [observed(1010, from, 'acknowledged'), observed(5400, to, 'refused')],
  };

  it('splits the time without writes where its phases met', () => {
    const times = facts({ startedAtMs: 1000, oldStoppedAtMs: 4010, promotedAtMs: 5010 });
    expect(measureMovement(drill, times)).toMatchObject({
      lastWriteBeforeAtMs: 1010,
      firstWriteAfterAtMs: 5600,
      rto: {
        detectSeconds: 3,
        promoteSeconds: 1,
        routeSeconds: 0.39,
        firstWriteSeconds: 0.2,
        totalSeconds: 4.59,
      },
    });
  });

  it('gives no time to what happened ahead of its predecessor', () => {
    // Promoted before the verdict, reached before either: all of it is waiting for the verdict.
    const times = facts({ startedAtMs: 1000, oldStoppedAtMs: 5500, promotedAtMs: 3000 });
    expect(measureMovement(drill, times).rto).toEqual({
      detectSeconds: 4.49,
      promoteSeconds: 0,
      routeSeconds: 0,
      firstWriteSeconds: 0.1,
      totalSeconds: 4.59,
    });
  });

  it('has parts that are never negative and add up to the whole, whatever the clocks said', () => {
    const write = byTime(fc.record({ atMs, region }));
    const observation = byTime(
      fc.record({
        atMs,
        region,
        kind: fc.constantFrom('read', 'write'),
        outcome: fc.constantFrom('acknowledged', 'refused', 'failed'),
      }),
    );
    fc.assert(
      fc.property(
        write,
        observation,
        atMs,
        atMs,
        atMs,
        (writes, observations, started, stopped, promoted) => {
          const { rto, lastWriteBeforeAtMs, firstWriteAfterAtMs } = measureMovement(
            { ledger: ledgerOf(writes), observations },
            facts({ startedAtMs: started, oldStoppedAtMs: stopped, promotedAtMs: promoted }),
          );
          const { totalSeconds, ...parts } = rto;
          for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(0);
          expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(totalSeconds, 6);
          expect(totalSeconds).toBeCloseTo((firstWriteAfterAtMs - lastWriteBeforeAtMs) / 1000, 6);
          const first = writes.find((each) => each.region === to && each.atMs >= started)?.atMs ?? started;
          expect(firstWriteAfterAtMs).toBe(first);
          expect(lastWriteBeforeAtMs).toBeLessThanOrEqual(first);
        },
      ),
    );
  });

  it('loses from its first lost write to the fault', () => {
    const lost = [600, 900, 1010].map((at) => ({ id: `at-${at}`, atMs: at, region: from }));
    const comparison = { acknowledged: 40, lost, unacknowledgedPresent: 2 };
    expect(measureMovement(drill, facts({ startedAtMs: 1000, comparison }))).toMatchObject({
      acknowledgedWrites: 40,
      unacknowledgedPresent: 2,
      lossWindowSeconds: 0.4,
      lostWrites: [
        { id: 'at-600', acknowledgedAtMs: 600, secondsBeforeFault: 0.4, onFencedRegion: null },
        { id: 'at-900', acknowledgedAtMs: 900, secondsBeforeFault: 0.1, onFencedRegion: null },
        { id: 'at-1010', acknowledgedAtMs: 1010, secondsBeforeFault: 0, onFencedRegion: null },
      ],
    });
  });
});
