import fc from 'fast-check';
import { lagBeforeSilence, tooFar } from '../../failover/operations/lag';

/** Samples a minute apart, ending at minute 0 of a made-up clock. */
const minutes = (...seconds: readonly number[]) =>
  seconds.map((each, at) => ({ atMs: (at + 1 - seconds.length) * 60_000, seconds: each }));
const objectives = { rpoSeconds: 30, rtoSeconds: 300 };

describe('the lag before a loss', () => {
  it('is the last one that was no clock: a dead source adds a second a second', () => {
    expect(lagBeforeSilence(minutes(0, 1, 2, 62, 122))).toEqual({ behindSeconds: 2, heardAtMs: -120_000 });
  });

  it('is the last sample while the source lives', () => {
    expect(lagBeforeSilence(minutes(0, 70, 12))).toEqual({ behindSeconds: 12, heardAtMs: 0 });
  });

  it('is great where the replica was behind before the loss, and only then silent', () => {
    expect(lagBeforeSilence(minutes(0, 40, 80, 140))).toEqual({ behindSeconds: 80, heardAtMs: -60_000 });
  });

  it('leaves out what RDS reports while there is no replication, in any order', () => {
    const samples = minutes(3, -1, -1);
    expect(lagBeforeSilence(samples.toReversed())).toEqual({ behindSeconds: 3, heardAtMs: -120_000 });
    expect(lagBeforeSilence(minutes(-1))).toBeUndefined();
    expect(lagBeforeSilence([])).toBeUndefined();
  });

  it('does not depend on how long the silence was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 2, maxLength: 10 }),
        fc.integer({ min: 1, max: 20 }),
        (alive, silence) => {
          const last = alive.at(-1) ?? 0;
          const silent = Array.from({ length: silence }, (_, at) => last + (at + 1) * 60);
          expect(lagBeforeSilence(minutes(...alive, ...silent))?.behindSeconds).toBe(last);
        },
      ),
    );
  });
});

describe('a promotion', () => {
  const found = (...[lag, now]: [Parameters<typeof tooFar>[0], number]) => tooFar(lag, objectives, now);

  it('may begin at the RPO and not beyond', () => {
    expect(found({ behindSeconds: 30, heardAtMs: 0 }, 120_000)).toEqual([]);
    expect(found({ behindSeconds: 31, heardAtMs: 0 }, 120_000)).toEqual([
      expect.stringContaining('31 s behind'),
    ]);
  });

  it('may not begin after a silence longer than the RTO, which could hide a replication that broke before', () => {
    expect(found({ behindSeconds: 0, heardAtMs: 0 }, 360_000)).toEqual([]);
    expect(found({ behindSeconds: 0, heardAtMs: 0 }, 361_000)).toEqual([
      expect.stringContaining('361 s ago'),
    ]);
  });

  it('may not begin when nobody knows the lag', () => {
    expect(found(undefined, 0)).toEqual([expect.stringContaining('nothing is known')]);
  });
});
