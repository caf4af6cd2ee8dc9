import { phasesOf } from '../../failover/engine';
import { begun, type Drilled, drillFake, environment, first, second } from '../support/fake-drill';

jest.setTimeout(90_000);

const names: readonly string[] = phasesOf('kill').map(({ name }) => name);
const namesUntil = (last: string): readonly string[] => names.slice(0, names.indexOf(last) + 1);
const closings = ({ target }: Drilled): number => target.calls.filter((call) => call === 'close').length;

// One block: concurrent tests of two blocks would wait for each other.
describe('a drill', () => {
  test.concurrent('that loses three writes names these three, and what they cost', async () => {
    const drilled = await drillFake({ forgets: [3, 0] });
    const { evidence, target, events } = drilled;
    expect({ outcome: evidence.outcome, error: evidence.error }).toEqual({
      outcome: 'met',
      error: undefined,
    });
    expect(evidence.phases.map(({ name, outcome }) => [name, outcome])).toEqual(
      names.map((name) => [name, 'done']),
    );
    expect(closings(drilled)).toBe(1);

    const [over, back] = evidence.movements;
    expect([over?.kind, back?.kind]).toEqual(['failover', 'switchover']);
    const lost = over?.lostWrites ?? [];
    expect(lost.map(({ id }) => id).sort()).toEqual([...(target.forgotten[0] ?? [])].sort());
    expect(lost).toHaveLength(3);
    // The region that was lost still has them, and is read before it is rebuilt.
    expect(lost.map(({ onFencedRegion }) => onFencedRegion)).toEqual([true, true, true]);
    const earliest = Math.min(...lost.map(({ acknowledgedAtMs }) => acknowledgedAtMs));
    const killed = evidence.timeline.marks.find(({ label }) => label === 'killed');
    expect(over?.startedAtMs).toBeLessThanOrEqual(killed?.atMs ?? 0);
    expect(over?.lossWindowSeconds).toBeCloseTo(((over?.startedAtMs ?? 0) - earliest) / 1000, 9);
    expect(over?.lossWindowSeconds).toBeGreaterThan(0);
    // Reported once: the switchover does not miss them again.
    expect(back?.lostWrites).toEqual([]);

    expect(events).toEqual(target.journaled);
    const times = events.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const framed = events.flatMap((event) => ('phase' in event && event.type !== 'note' ? [event] : []));
    expect(framed.map(({ type, phase }) => [type, phase])).toEqual(
      names.flatMap((phase) => [
        ['phase-started', phase],
        ['phase-ended', phase],
      ]),
    );
  });

  test.concurrent('measures an RTO that the regions saw too, in parts that add up to it', async () => {
    const { evidence, target } = await drillFake({}, { scenario: 'blackout' });
    expect(evidence.movements).toHaveLength(2);
    for (const { from, to, rto, lastWriteBeforeAtMs, firstWriteAfterAtMs } of evidence.movements) {
      const { detectSeconds, promoteSeconds, routeSeconds, firstWriteSeconds, totalSeconds } = rto;
      expect(detectSeconds + promoteSeconds + routeSeconds + firstWriteSeconds).toBeCloseTo(totalSeconds, 9);
      expect(totalSeconds).toBeCloseTo((firstWriteAfterAtMs - lastWriteBeforeAtMs) / 1000, 9);
      const turn = target.taken.findIndex(
        ({ region }, index) => region === to && target.taken[index - 1]?.region === from,
      );
      const seen = ((target.taken[turn]?.atMs ?? 0) - (target.taken[turn - 1]?.atMs ?? 0)) / 1000;
      expect(Math.abs(totalSeconds - seen)).toBeLessThan(0.25);
    }
    expect(evidence.movements[0]?.rto.totalSeconds).toBeGreaterThan(0.1);
  });

  test.concurrent(
    'moves each latch in its turn, and a PRIMARY that stands by stays latched out',
    async () => {
      const latches = async (active: string) => {
        const { evidence, target } = await drillFake({}, { active });
        expect(evidence.outcome).toBe('met');
        expect(evidence.movements.map(({ from, to }) => [from, to])).toEqual([
          [active, active === first ? second : first],
          [active === first ? second : first, active],
        ]);
        return target.calls.filter((call) => /^(setLatch|promote|rebuild)/.test(call));
      };
      const [fromFirst, fromSecond] = await Promise.all([latches(first), latches(second)]);
      expect(fromFirst).toEqual([
        `setLatch ${first} closed`,
        `promote ${second}`,
        `setLatch ${second} open`,
        `rebuild ${first} ${second}`,
        `setLatch ${first} closed`,
        `setLatch ${first} open`,
        `setLatch ${second} closed`,
        `promote ${first}`,
        `rebuild ${second} ${first}`,
        `setLatch ${second} open`,
      ]);
      expect(fromSecond).toEqual([
        `setLatch ${second} closed`,
        `promote ${first}`,
        `setLatch ${first} open`,
        `rebuild ${second} ${first}`,
        `setLatch ${second} open`,
        `setLatch ${second} open`,
        `setLatch ${first} closed`,
        `promote ${second}`,
        `rebuild ${first} ${second}`,
        `setLatch ${first} closed`,
      ]);
    },
  );

  test.concurrent('that misses an objective went well and is missed', async () => {
    const withheld = { what: 'TTL', production: '9 min', here: '0 s', withheldSeconds: 540 };
    const [rto, rpo] = await Promise.all([
      drillFake({ shortened: [withheld] }),
      drillFake(
        { forgets: [1, 0] },
        { environment: { ...environment, objectives: { ...environment.objectives, rpoSeconds: 0 } } },
      ),
    ]);
    for (const drilled of [rto, rpo]) {
      expect(begun(drilled)).toEqual(names);
      expect(drilled.evidence).toMatchObject({ outcome: 'missed' });
      expect(drilled.evidence).not.toHaveProperty('error');
    }
    const missed = ({ evidence }: Drilled) =>
      evidence.objectives.filter(({ met }) => !met).map(({ name }) => name);
    expect([missed(rto), missed(rpo)]).toEqual([['RTO'], ['RPO']]);
  });

  test.concurrent('waits in a switchover until writing has stopped and all of it is replayed', async () => {
    const { evidence, target } = await drillFake(
      { latchLagMs: 400, replicationLagMs: 200 },
      { active: second },
    );
    const [over, back] = evidence.movements;
    // The same lag under a failover, which can't wait.
    expect(over?.lostWrites.length).toBeGreaterThan(0);
    expect(back?.lostWrites).toEqual([]);
    expect(evidence.outcome).toBe('met');
    expect(target.calls.filter((call) => call === `takesWrites ${first}`).length).toBeGreaterThan(3);
  });
  test.concurrent('ends at fence: the returned region took a single write', async () => {
    const drilled = await drillFake({ takesWhenBack: 1, forgets: [2, 0] });
    expect(drilled.evidence).toMatchObject({
      outcome: 'failed',
      error: { code: 'FenceBroken' },
      fence: { region: first, accepted: 1 },
    });
    expect(begun(drilled)).toEqual(namesUntil('fence'));
    expect(closings(drilled)).toBe(1);
  });

  test.concurrent('ends at switchover: writes are missing after it', async () => {
    const drilled = await drillFake({ forgets: [0, 2] });
    const { evidence, target } = drilled;
    expect(evidence).toMatchObject({ outcome: 'failed', error: { code: 'SwitchoverLostWrites' } });
    expect(evidence.movements[1]?.lostWrites.map(({ id }) => id).sort()).toEqual(
      [...(target.forgotten[1] ?? [])].sort(),
    );
    expect(evidence.objectives.filter(({ met }) => !met)).toMatchObject([{ unit: 'writes', measured: 2 }]);
    expect(begun(drilled)).toEqual(namesUntil('switchover'));
    expect(closings(drilled)).toBe(1);
  });

  test.concurrent('ends at reconcile: there is something to apply with the new roles', async () => {
    const asked: unknown[] = [];
    const drilled = await drillFake(
      {},
      {
        changes: (roles) => {
          asked.push(roles);
          return Promise.resolve(['tandem-production-traffic']);
        },
      },
    );
    expect(drilled.evidence.error?.found).toContain('tandem-production-traffic');
    expect(drilled.evidence).toMatchObject({ outcome: 'failed', error: { code: 'ReconcileNotEmpty' } });
    expect(asked).toEqual([
      { [first]: { role: 'fenced', generation: 1 }, [second]: { role: 'active', generation: 1 } },
    ]);
    expect(begun(drilled)).toEqual(namesUntil('reconcile'));
    expect(closings(drilled)).toBe(1);
  });
});
