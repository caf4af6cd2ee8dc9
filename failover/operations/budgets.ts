import type { AwsEnvironment } from '../../environments';
import type { Budget } from '../../lib/wait';

/** What each step of an operation may take, in seconds; those of a failover are derived from what it is for. */
export function stepBudgets({ objectives, postgres }: AwsEnvironment) {
  const budget = (name: string, seconds: number): Budget => ({ name, seconds });
  return {
    closeLatch: budget('close-latch', 30),
    // A 0 counts from the minute after the last 1, and CloudWatch may show it two minutes later ("PutMetricData").
    openLatch: budget('open-latch', 240),
    failOverCache: budget('fail-over-cache', 30),
    // Longer than the whole RTO is missed in any case.
    promoteDatabase: budget('promote-database', Math.max(objectives.rtoSeconds, 300)),
    awaitCache: budget('await-cache', 300),
    // An idle primary commits something every five minutes.
    drain: budget('drain', 480),
    // Two latches, and a plan of every stack of both regions.
    reconcile: budget('reconcile', 1800),
    // Copying a region's worth of data: an hour and a minute a GiB.
    rebuild: budget('apply', 3600 + 60 * postgres.storageGb),
  } as const;
}
