import type { Budget } from '../lib/wait';
import type { Pace, Timing } from './target';

/** Seconds from a region's death to Route 53's verdict, at worst: `threshold` failed checks, one interval apart. */
export const detectionSeconds = ({ healthCheckIntervalSeconds, failureThreshold }: Timing): number =>
  healthCheckIntervalSeconds * failureThreshold;

/**
 * What each phase of a drill may take, in seconds. Those that wait for Route 53 are derived from the target's timing: a drill
 * in real time gets real time. Those that wait for the target itself are derived from its pace.
 */
export function phaseBudgets(timing: Timing, { startSeconds, planSeconds }: Pace) {
  const detection = detectionSeconds(timing);
  const budget = (name: string, seconds: number): Budget => ({ name, seconds });
  return {
    preflight: budget('preflight', 2 * startSeconds + detection),
    baseline: budget('baseline', 30),
    inject: budget('inject', 10),
    heal: budget('heal', startSeconds + detection + timing.ttlSeconds),
    // A checker's last good answer may come just before the fault, and its probe may take its 4 s to fail.
    detect: budget('detect', detection + timing.healthCheckIntervalSeconds + 10),
    promote: budget('promote', 60),
    route: budget('route', timing.ttlSeconds + 30),
    verify: budget('verify', 60),
    fence: budget('fence', startSeconds + detection),
    reconcile: budget('reconcile', planSeconds),
    rebuild: budget('rebuild', startSeconds + 30),
    switchover: budget('switchover', detection + timing.ttlSeconds + 60),
    restore: budget('restore', startSeconds + 30),
  } as const;
}

export type PhaseName = keyof ReturnType<typeof phaseBudgets>;
