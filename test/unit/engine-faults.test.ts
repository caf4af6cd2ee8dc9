import { phasesOf } from '../../failover/engine';
import { TandemError } from '../../lib/errors';
import { begun, drillFake, first } from '../support/fake-drill';
import type { Call } from '../support/fake-target';

jest.setTimeout(90_000);

const broken = () =>
  new TandemError('ProcessDied', { found: 'a fake fault', expected: 'none', next: 'nothing: it is a test' });

/** Rejects from the nth call of its name on. */
const rejecting =
  (name: Call, nth = 1) =>
  (call: Call): void => {
    if (call === name && --nth <= 0) throw broken();
  };

const hanging = (name: Call) => async (call: Call) => {
  if (call === name) await new Promise(() => undefined);
};

// One block: concurrent tests of two blocks would wait for each other. The longest come first.
describe('a drill on a target with faults', () => {
  test.concurrent('names the phase that is over its budget, when a call hangs', async () => {
    const drilled = await drillFake({ inside: hanging('inject') });
    expect(drilled.evidence).toMatchObject({ outcome: 'failed', error: { code: 'BudgetExceeded' } });
    expect(drilled.evidence.error?.found).toContain('phase inject was not done after 10 s');
    expect(begun(drilled).at(-1)).toBe('inject');
    expect(drilled.target.calls.at(-1)).toBe('close');
  });

  test.concurrent('says what it waited for, when a wait ran out of its budget', async () => {
    const drilled = await drillFake({ neverUnhealthy: true });
    expect(drilled.evidence).toMatchObject({ outcome: 'failed', error: { code: 'BudgetExceeded' } });
    expect(drilled.evidence.error?.expected).toContain('budget detect');
    expect(drilled.evidence.error?.found).toContain(`the health checks' verdict on ${first}`);
    expect(begun(drilled).at(-1)).toBe('detect');
    expect(drilled.target.calls).not.toContain(`setLatch ${first} closed`);
  });

  test.concurrent.each([
    { call: 'prepare', nth: 1, phase: 'preflight' },
    { call: 'inject', nth: 1, phase: 'inject' },
    { call: 'setLatch', nth: 1, phase: 'promote' },
    { call: 'promote', nth: 1, phase: 'promote' },
    { call: 'comeBack', nth: 1, phase: 'fence' },
    { call: 'setLatch', nth: 2, phase: 'reconcile' },
    { call: 'rebuild', nth: 1, phase: 'rebuild' },
    { call: 'promote', nth: 2, phase: 'switchover' },
  ] as const)(
    'fails in phase $phase with the code of $call (call $nth) that rejects',
    async ({ call, nth, phase }) => {
      const drilled = await drillFake({ inside: rejecting(call, nth) });
      const { evidence, target } = drilled;
      expect(evidence).toMatchObject({
        outcome: 'failed',
        error: { code: 'ProcessDied', found: 'a fake fault' },
      });
      const names = phasesOf('kill').map(({ name }) => name);
      expect(begun(drilled)).toEqual(names.slice(0, names.indexOf(phase) + 1));
      expect(evidence.phases.at(-1)).toMatchObject({ outcome: 'failed' });
      expect(target.calls.filter((each) => each === 'close')).toHaveLength(1);
      expect(target.calls.at(-1)).toBe('close');
    },
  );

  test.concurrent('fails with the code of close, though all went well before', async () => {
    const { evidence } = await drillFake({ inside: rejecting('close') });
    expect(evidence).toMatchObject({ outcome: 'failed', error: { code: 'ProcessDied' } });
    expect(evidence.phases.every(({ outcome }) => outcome === 'done')).toBe(true);
  });

  test.concurrent('shows that close failed beside the error that came first', async () => {
    const { evidence } = await drillFake({
      inside: (call) => {
        if (call === 'close') throw broken();
        if (call === 'prepare') throw new TandemError('PortUnavailable', broken().detail);
      },
    });
    expect(evidence.error?.code).toBe('PortUnavailable');
    expect(evidence.phases.at(-1)?.notes.join()).toContain('a fake fault');
  });

  test.concurrent('says that the fence broke, though the lost region can not be read', async () => {
    const { evidence } = await drillFake({ takesWhenBack: 1, unreadable: first });
    expect(evidence).toMatchObject({ outcome: 'failed', error: { code: 'FenceBroken' } });
  });

  test.concurrent('takes no error of the lost region for a write, not even a 404', async () => {
    const { evidence } = await drillFake({ refusalStatus: 404 });
    expect(evidence).toMatchObject({ outcome: 'met', fence: { accepted: 0 } });
  });
});
