import fc from 'fast-check';
import { Ledger, readIds } from '../../failover/ledger';
import { FakeTarget } from '../support/fake-target';
import { first, environment } from '../support/fake-drill';

const id = fc.integer({ min: 0, max: 15 }).map((number) => `w-${number}`);
const ids = fc.uniqueArray(id);

/** What clients saw acknowledged before a comparison, and what the region then holds. */
const round = fc.record({ acknowledged: ids, present: ids });

describe('the ledger', () => {
  it('reports exactly what was acknowledged and is missing, in order, and each write once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { maxLength: 5 }), async (rounds) => {
        const ledger = new Ledger();
        const acknowledged: string[] = [];
        const reported: string[] = [];
        for (const { acknowledged: more, present } of rounds) {
          // A client writes on under a new id as soon as one is acknowledged.
          for (const each of more.filter((candidate) => !acknowledged.includes(candidate))) {
            acknowledged.push(each);
            ledger.acknowledged(each, acknowledged.length, 'region');
          }
          const comparison = await ledger.compare(() => Promise.resolve(new Set(present)));
          const missing = acknowledged.filter((each) => !present.includes(each));
          expect(comparison.acknowledged).toBe(acknowledged.length);
          expect(comparison.lost.map((write) => write.id)).toEqual(
            missing.filter((each) => !reported.includes(each)),
          );
          reported.push(...comparison.lost.map((write) => write.id));
        }
      }),
    );
  });

  it('expects nothing of a write that is acknowledged while the region is read', async () => {
    const ledger = new Ledger();
    ledger.acknowledged('before', 1, 'region');
    const comparison = await ledger.compare(() => {
      ledger.acknowledged('meanwhile', 2, 'region');
      return Promise.resolve(new Set<string>());
    });
    expect(comparison).toMatchObject({ acknowledged: 1, lost: [{ id: 'before' }] });
  });

  it('counts writes that are there although no client saw them acknowledged', async () => {
    const ledger = new Ledger();
    for (const each of ['acknowledged', 'unseen', 'never arrived']) ledger.tried(each);
    ledger.acknowledged('acknowledged', 1, 'region');
    const present = new Set(['acknowledged', 'unseen', 'of another drill']);
    expect(await ledger.compare(() => Promise.resolve(present))).toEqual({
      acknowledged: 1,
      lost: [],
      unacknowledgedPresent: 1,
    });
  });
});

describe('reading the writes that a region holds', () => {
  const names = Array.from({ length: 2500 }, (_, index) => `drill-${String(index).padStart(5, '0')}`);
  let target: FakeTarget;

  const holding = async (unreadable?: string): Promise<FakeTarget> => {
    target = await FakeTarget.start(environment.regions, unreadable === undefined ? {} : { unreadable });
    await target.prepare(first);
    target.hold(first, [...names, 'other-1']);
    return target;
  };
  afterEach(() => target.close());

  it('goes through every page, and leaves out what other drills wrote', async () => {
    const held = await readIds((await holding()).pinnedEndpoint(first), 'drill-');
    expect([...held].sort()).toEqual(names);
  });

  it('says LedgerUnreadable when the region answers with an error', async () => {
    const endpoint = (await holding(first)).pinnedEndpoint(first);
    await expect(readIds(endpoint, 'drill-')).rejects.toMatchObject({
      code: 'LedgerUnreadable',
      retryable: true,
    });
  });
});
