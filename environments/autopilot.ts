import type { CommonFields } from './schema';

/** Seconds between two rounds of looks. */
export const roundSeconds = 5;

/** The shortest window in which anything is decided, in seconds. */
export const leastWindowSeconds = 3 * roundSeconds;

/**
 * What is kept of the RTO for the failover itself, in seconds. RDS promises no time for a promotion ("Promoting a read
 * replica to be a standalone DB instance", Amazon RDS User Guide: a few minutes), so that this is a reserve and no bound.
 */
export const promotionSeconds = 150;

/** Seconds until the autopilot can see Route 53's verdict, at worst: the checks, then the TTL of an answer kept from before. */
export const verdictSeconds = ({ healthCheck, dns }: Pick<CommonFields, 'healthCheck' | 'dns'>): number =>
  healthCheck.intervalSeconds * healthCheck.failureThreshold + dns.ttlSeconds;

/** What the autopilot's decision needs of an environment: how long things must last, all in seconds. */
export interface AutopilotTiming {
  /** Every gate has to hold for this long. */
  readonly window: number;
  /** Route 53 and the autopilot may differ for this long before people are asked. */
  readonly patience: number;
  /** Rounds further apart than this are no continuous watch. */
  readonly gap: number;
  /** The most that a failover may lose. */
  readonly rpo: number;
}

/**
 * The window is what the RTO leaves after the verdict and for the promotion, and never longer than Route 53 itself takes to
 * make up its mind. Clients follow the verdict, so that routing costs nothing after it.
 */
export function timingOf(
  environment: Pick<CommonFields, 'healthCheck' | 'dns' | 'objectives'>,
): AutopilotTiming {
  const { intervalSeconds, failureThreshold } = environment.healthCheck;
  const { rtoSeconds, rpoSeconds: rpo } = environment.objectives;
  const verdict = verdictSeconds(environment);
  const left = rtoSeconds - verdict - promotionSeconds;
  const window = Math.max(leastWindowSeconds, Math.min(intervalSeconds * failureThreshold, left));
  return { window, patience: verdict + window, gap: 3 * roundSeconds, rpo };
}
