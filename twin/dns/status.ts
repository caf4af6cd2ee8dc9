/** What Route 53 reports for a health check. */
export type Status = 'healthy' | 'unhealthy';

export const statusWhen = (healthy: boolean): Status => (healthy ? 'healthy' : 'unhealthy');

const healthyIn = (statuses: readonly Status[]): number =>
  statuses.filter((status) => status === 'healthy').length;

/**
 * An endpoint is healthy while more than 18 % of its health checkers say so.
 * Source: Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy".
 */
export const endpointStatus = (checkers: readonly Status[]): Status =>
  statusWhen(healthyIn(checkers) * 100 > checkers.length * 18);

/**
 * A calculated check is healthy while at least `threshold` children are: 0 is always met, more than there are never.
 * Source: Route 53 Developer Guide, "Values that you specify when you create or update health checks".
 */
export const calculatedStatus = (children: readonly Status[], threshold: number): Status =>
  statusWhen(healthyIn(children) >= threshold);

/**
 * A disabled check counts as healthy whatever it monitors; inverting turns either verdict round, so that a disabled
 * and inverted check keeps its record out. Source: Route 53 API Reference, "HealthCheckConfig" (Disabled, Inverted).
 */
export const reportedStatus = (
  check: { readonly disabled: boolean; readonly invert_healthcheck: boolean },
  monitored: Status,
): Status => statusWhen((check.disabled || monitored === 'healthy') !== check.invert_healthcheck);
