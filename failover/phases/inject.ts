import { setTimeout as sleep } from 'node:timers/promises';
import { type Phase, scenarios } from '../drill';
import type { Fault } from '../target';

/** A region seldom dies in one instant: its links go first. Milliseconds between two faults of a scenario. */
const betweenMs = 500;

/** Each fault as a mark on the timeline, and as a note. */
const words: Readonly<Record<Fault, { readonly mark: string; readonly note: string }>> = {
  'cut-link': { mark: 'link lost', note: `link cut ${betweenMs} ms before` },
  'kill-region': { mark: 'killed', note: 'SIGKILL for all' },
  'freeze-region': { mark: 'frozen', note: 'all stand still, connections stay open' },
  'cut-region': { mark: 'off the network', note: 'all run on, no packet in or out' },
  'delete-pods': { mark: 'pods deleted', note: 'every pod deleted, without grace' },
  'kill-postgres': { mark: 'PostgreSQL killed', note: 'PostgreSQL killed with all its backends' },
};

export const inject: Phase = {
  name: 'inject',
  title: ({ from }) => `break ${from}`,
  run: async ({ target, scenario, from, clock, times, tell }, note, signal) => {
    const { faults, ends } = scenarios[scenario];
    const [last, ...before] = faults.toReversed();
    for (const fault of before.toReversed()) {
      await target.inject(fault, from);
      tell({ type: 'mark', label: words[fault].mark, region: from });
      await sleep(betweenMs, undefined, { signal });
    }
    // The fault begins when the first process dies: from here a client may notice.
    times.fault = clock.now();
    if (last) {
      await target.inject(last, from);
      tell({ type: 'mark', label: words[last].mark, region: from });
    }
    if (ends === 'failover') tell({ type: 'role', region: from, role: 'down' });
    note(faults.map((fault) => words[fault].note).join(' '));
  },
};
