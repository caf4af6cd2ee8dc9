import { waitFor } from '../../lib/wait';
import { budgets } from '../budgets';
import type { RegionTraffic } from './region-traffic';
import type { Route53 } from './route53';

export type Latch = 'closed' | 'open';

/** Stands in for a minute, the least period of an alarm that a health check can follow; in seconds. */
export const shortAlarmPeriodSeconds = 1;

/**
 * Moves a region's latch by the metric that it follows. Closing is done when the metric took it, since nothing outweighs it;
 * opening when it is seen open.
 * @throws TandemError RegionUnreachable, BudgetExceeded
 */
export async function moveLatch(
  route53: Route53,
  { latch: { healthCheck, region, ...metric } }: RegionTraffic,
  latch: Latch,
  signal: AbortSignal | undefined,
): Promise<void> {
  const put = (value: 0 | 1): void => route53.putMetricData(region, { ...metric, value });
  if (latch === 'closed') {
    put(1);
    return;
  }
  // Within one period of the alarm a 1 outweighs every 0, so opening is asked for until it is seen.
  await waitFor(
    {
      what: `the latch ${healthCheck} to open`,
      budget: budgets.latchOpened,
      next: `put a 0 in ${region} again`,
      signal,
    },
    () => {
      put(0);
      return Promise.resolve(route53.statusOf(healthCheck) === 'healthy' || undefined);
    },
  );
}
