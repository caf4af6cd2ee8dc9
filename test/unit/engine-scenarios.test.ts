import { phasesOf } from '../../failover/engine';
import { begun, drillFake, first } from '../support/fake-drill';

jest.setTimeout(90_000);

describe('a drill of a region that mends itself', () => {
  test.concurrent('fails nothing over, and measures the time without a write', async () => {
    const drilled = await drillFake({}, { scenario: 'postgres' });
    const { outcome, movements, objectives, fence } = drilled.evidence;
    expect(begun(drilled)).toEqual(['preflight', 'baseline', 'inject', 'heal']);
    expect(drilled.target.calls.filter((call) => /promote|setLatch|rebuild/.test(call))).toEqual([]);
    const [recovery] = movements;
    expect(recovery).toMatchObject({ kind: 'recovery', from: first, to: first, lostWrites: [] });
    expect(recovery?.rto.totalSeconds).toBeGreaterThan(0.6);
    expect(recovery?.rto.totalSeconds).toBeLessThan(3);
    expect(recovery?.rto.firstWriteSeconds).toBe(recovery?.rto.totalSeconds);
    expect({ outcome, fence, judged: objectives.length }).toEqual({
      outcome: 'met',
      fence: undefined,
      judged: 2,
    });
  });

  test.concurrent('adds nothing of what was shortened: nothing waits for health checks', async () => {
    const shortened = [{ what: 'interval', production: '30 s', here: '1 s', withheldSeconds: 1000 }];
    const { evidence } = await drillFake({ shortened }, { scenario: 'postgres' });
    expect(evidence.objectives[0]).toMatchObject({ name: 'RTO', met: true });
  });
});

describe('a drill of a region that ran on where nobody reached it', () => {
  test.concurrent(
    'lists what it took before it noticed as lost, and holds the fence from then on',
    async () => {
      const { evidence } = await drillFake({ takesWhenBack: 3 }, { scenario: 'partition' });
      expect(evidence).toMatchObject({
        outcome: 'met',
        fence: { region: first, letThrough: 3, accepted: 0 },
      });
      const [failover] = evidence.movements;
      const late = failover?.lostWrites.filter(
        ({ acknowledgedAtMs }) => acknowledgedAtMs > failover.startedAtMs,
      );
      expect(late).toHaveLength(3);
      expect(late?.every(({ id, onFencedRegion }) => id.includes('-pinned-') && onFencedRegion)).toBe(true);
      expect(evidence.phases.map(({ name }) => name)).toEqual(phasesOf('partition').map(({ name }) => name));
    },
  );

  test.concurrent('calls the fence broken when it goes on taking writes', async () => {
    const { evidence } = await drillFake({ takesWhenBack: 5000 }, { scenario: 'partition' });
    expect(evidence).toMatchObject({ outcome: 'failed', error: { code: 'FenceBroken' } });
    expect(evidence.fence?.accepted).toBeGreaterThan(0);
  });

  test.concurrent('lets a region that was dead take none', async () => {
    const { evidence } = await drillFake({ takesWhenBack: 3 }, { scenario: 'kill' });
    expect(evidence).toMatchObject({ error: { code: 'FenceBroken' }, fence: { letThrough: 0 } });
  });
});

test('a target says what it can not do before anything starts', async () => {
  const { evidence, target } = await drillFake({}, { scenario: 'freeze' });
  expect(evidence.error).toMatchObject({ code: 'FaultUnsupported' });
  expect(evidence.error?.found).toContain('freeze-region');
  expect(target.calls).toEqual(['close']);
});
