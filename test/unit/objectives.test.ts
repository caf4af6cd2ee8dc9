import { judge } from '../../failover/objectives';
import { drillFixture, lostWrites } from '../support/evidence';

const objectives = { rtoSeconds: 10, rpoSeconds: 1, availabilityPercent: 99.9 };
const [over, back] = drillFixture.movements;
const failover = (totalSeconds: number, lossWindowSeconds = 0, lost = 0) => {
  if (!over) return [];
  return [{ ...over, rto: { ...over.rto, totalSeconds }, lossWindowSeconds, lostWrites: lostWrites(lost) }];
};
const withheld = (...seconds: readonly number[]) =>
  seconds.map((withheldSeconds) => ({ what: 'TTL', production: '9 s', here: '0 s', withheldSeconds }));

describe('the objectives', () => {
  it.each([
    { what: 'on the limit', seconds: 10, withheld: [], counted: 10, met: true },
    { what: 'over it', seconds: 10.001, withheld: [], counted: 10.001, met: false },
    { what: 'under it, as production would be', seconds: 2, withheld: [5, 3], counted: 10, met: true },
    { what: 'over it, as production would be', seconds: 2, withheld: [5, 4], counted: 11, met: false },
  ])('an RTO $what', ({ seconds, withheld: away, counted, met }) => {
    const [rto] = judge(objectives, failover(seconds), withheld(...away));
    expect(rto).toEqual({ name: 'RTO', unit: 's', objective: 10, measured: seconds, counted, met });
  });

  it.each([
    { what: 'on the limit', limit: 1, window: 1, lost: 2, met: true },
    { what: 'over it', limit: 1, window: 1.001, lost: 2, met: false },
    { what: 'of 0 s with nothing lost', limit: 0, window: 0, lost: 0, met: true },
    { what: 'of 0 s with a write lost in the moment of the fault', limit: 0, window: 0, lost: 1, met: false },
  ])('an RPO $what, to which shortening adds nothing', ({ limit, window, lost, met }) => {
    const held = { ...objectives, rpoSeconds: limit };
    const [, rpo] = judge(held, failover(1, window, lost), withheld(100));
    expect(rpo).toEqual({ name: 'RPO', unit: 's', objective: limit, measured: window, counted: window, met });
  });

  it.each([0, 1])('a switchover that lost %i writes may lose none', (lost) => {
    const movement = back ? [{ ...back, lostWrites: lostWrites(lost) }] : [];
    expect(judge(objectives, movement, withheld(100))).toMatchObject([
      { unit: 'writes', objective: 0, measured: lost, counted: lost, met: lost === 0 },
    ]);
  });

  it('holds each movement against its own', () => {
    const names = judge(objectives, [...failover(1), ...(back ? [back] : [])], []).map(({ name }) => name);
    expect(names).toEqual(['RTO', 'RPO', 'Writes lost by the switchover']);
  });
});
