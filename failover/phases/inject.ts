import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../drill';

/** A region seldom dies in one instant: its links go first. Milliseconds between the two in scenario blackout. */
const linkLostFirstMs = 500;

export const inject: Phase = {
  name: 'inject',
  title: ({ from }) => `kill ${from}`,
  run: async ({ target, scenario, from, clock, times, tell }, note, signal) => {
    if (scenario === 'blackout') {
      await target.inject('cut-link', from);
      tell({ type: 'mark', label: 'link lost', region: from });
      await sleep(linkLostFirstMs, undefined, { signal });
    }
    // The fault begins when the first process dies: from here a client may notice.
    times.fault = clock.now();
    await target.inject('kill-region', from);
    tell({ type: 'mark', label: 'killed', region: from });
    tell({ type: 'role', region: from, role: 'down' });
    note(
      scenario === 'blackout' ? `link cut ${linkLostFirstMs} ms before SIGKILL for all` : 'SIGKILL for all',
    );
  },
};
