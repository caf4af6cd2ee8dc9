import { waitFor } from '../../lib/wait';
import { detectionSeconds } from '../budgets';
import type { Phase } from '../drill';

export const detect: Phase = {
  name: 'detect',
  only: 'failover',
  title: ({ from }) => `Route 53's rules find ${from} unhealthy`,
  run: async ({ target, from, clock, times, budgets, tell }, note, signal) => {
    await waitFor(
      {
        what: `the health checks' verdict on ${from}`,
        budget: budgets.detect,
        next: 'compare interval and threshold of the health checks with the budget in the evidence',
        everyMs: 10,
        signal,
      },
      async () => (await target.verdict(from)) === 'unhealthy' || undefined,
    );
    times.verdict = clock.now();
    tell({ type: 'mark', label: 'verdict: unhealthy', region: from });
    const { healthCheckIntervalSeconds: interval, failureThreshold: threshold } = target.timing;
    const took = ((times.verdict - (times.fault ?? times.verdict)) / 1000).toFixed(2);
    note(
      `${took} s after the fault; ${interval} s × ${threshold} = ${detectionSeconds(target.timing)} s by rule, and what the checks waited for an answer`,
    );
  },
};
