import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { phasesOf } from '../../failover/engine';
import type { DrillEvent } from '../../failover/events';
import { begun, drillFake, first } from '../support/fake-drill';
import type { Call } from '../support/fake-target';

jest.setTimeout(90_000);

const names = phasesOf('kill').map(({ name }) => name);

/** A promise, and what settles it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('a drill that is interrupted', () => {
  test.concurrent.each(names)('as %s begins only ends its target', async (phase) => {
    const controller = new AbortController();
    const { signal } = controller;
    const afterwards: Call[] = [];
    const drilled = await drillFake(
      {
        inside: (call) => {
          if (signal.aborted) afterwards.push(call);
        },
      },
      {
        signal,
        listeners: [
          (event) => {
            if (event.type === 'phase-started' && event.phase === phase) controller.abort();
          },
        ],
      },
    );
    const { evidence } = drilled;
    expect(evidence.outcome).toBe('interrupted');
    expect(evidence).not.toHaveProperty('error');
    expect(begun(drilled)).toEqual(names.slice(0, names.indexOf(phase) + 1));
    expect(evidence.phases.at(-1)).toMatchObject({ name: phase, outcome: 'failed' });
    expect(afterwards).toEqual(['close']);
  });

  test.concurrent.each([
    { call: 'setLatch', nth: 1 },
    { call: 'rebuild', nth: 1 },
    { call: 'setLatch', nth: 4 },
    { call: 'replicationLagBytes', nth: 1 },
    { call: 'rebuild', nth: 2 },
  ] as const)('inside $call (call $nth) lets it end, and no other follows', async ({ call: at, nth }) => {
    const controller = new AbortController();
    const afterwards: Call[] = [];
    let count = 0;
    const { evidence } = await drillFake(
      {
        inside: (call) => {
          if (controller.signal.aborted) afterwards.push(call);
          if (call === at && ++count === nth) controller.abort();
        },
      },
      { signal: controller.signal },
    );
    await sleep(100);
    expect(evidence.outcome).toBe('interrupted');
    expect(afterwards).toEqual(['close']);
  });

  test.concurrent('inside a call that hangs leaves the call behind, whose end changes nothing', async () => {
    const controller = new AbortController();
    const { opened, open } = gate();
    const heard: DrillEvent[] = [];
    const drilled = await drillFake(
      {
        inside: async (call) => {
          if (call !== 'promote') return;
          controller.abort();
          await opened;
        },
      },
      { signal: controller.signal, listeners: [(event) => heard.push(event)] },
    );
    expect(drilled.evidence.outcome).toBe('interrupted');
    expect(begun(drilled).at(-1)).toBe('promote');
    expect(drilled.target.calls.at(-1)).toBe('close');
    const then = [structuredClone(drilled.evidence), [...heard]];
    open();
    await sleep(100);
    expect([drilled.evidence, heard]).toEqual(then);
  });

  test.concurrent('while the lost region comes back stops the clients pinned to it', async () => {
    const controller = new AbortController();
    const { target } = await drillFake(
      {
        inside: async (call) => {
          if (call !== 'comeBack') return;
          controller.abort();
          await new Promise(() => undefined);
        },
      },
      { signal: controller.signal },
    );
    // Whoever still knocks at the address is heard.
    const { via, port } = target.pinnedEndpoint(first);
    let knocks = 0;
    const heir = createServer((socket) => {
      knocks += 1;
      socket.destroy();
    });
    heir.listen(port, 'addresses' in via ? via.addresses[0] : undefined);
    await once(heir, 'listening');
    await sleep(300);
    heir.close();
    expect(knocks).toBe(0);
  });

  test.concurrent('after it failed, while it cleans up, has failed', async () => {
    const controller = new AbortController();
    const { evidence } = await drillFake(
      {
        takesWhenBack: 1,
        inside: (call) => {
          if (call === 'close') controller.abort();
        },
      },
      { signal: controller.signal },
    );
    expect(evidence).toMatchObject({ outcome: 'failed', error: { code: 'FenceBroken' } });
  });
});
