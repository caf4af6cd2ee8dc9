import { waitFor } from '../../lib/wait';
import type { Phase } from '../drill';

export const route: Phase = {
  name: 'route',
  only: 'failover',
  title: ({ to }) => `DNS brings clients to ${to}, which takes writes`,
  run: async ({ target, to, ledger, budgets, times, clock, tell }, note, signal) => {
    const first = await waitFor(
      {
        what: `a client's write to be acknowledged by ${to}`,
        budget: budgets.route,
        next: `see in the evidence why ${to} refused writes, or whether clients reached it at all`,
        everyMs: 10,
        signal,
      },
      () =>
        Promise.resolve(
          ledger.writes.find(({ region, atMs }) => region === to && atMs >= (times.fault ?? clock.now())),
        ),
    );
    tell({ type: 'mark', label: 'first write', region: to });
    note(`DNS answers live ${target.timing.ttlSeconds} s in a client's cache; first write ${first.id}`);
  },
};
