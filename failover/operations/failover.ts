import type { AwsEnvironment } from '../../environments';
import type { Roles } from '../../environments/roles';
import type { Aws } from './calls';
import type { Operation } from './operation';
import { againstCluster, againstPromotion, lagReport, refuse, survey } from './readiness';
import { closeLatch, placeOf, promotion } from './steps';
import { databaseOf } from './stores';

export interface FailoverRequest {
  readonly environment: AwsEnvironment;
  readonly roles: Roles;
  /** The region that is left, and becomes active. */
  readonly to: string;
  /** Whether to promote a replica that is further behind than the RPO, or whose lag is unknown. */
  readonly acceptLoss: boolean;
}

/**
 * An unplanned failover, as steps. Asks and calls the surviving region alone: latch first, then promote, so that nothing lets the
 * lost region back from when a second primary can exist.
 */
export async function failover(aws: Aws, request: FailoverRequest): Promise<Operation> {
  const { environment, roles, to, acceptLoss } = request;
  const { name } = environment;
  const from = placeOf(environment, to).peer;
  const standby = await survey(aws, environment, roles, to);
  return {
    name: 'failover',
    environment: name,
    from,
    to,
    // A switchover to the same region that lost its other end can only be finished as a failover.
    needsBoth: false,
    supersedes: ['switchover'],
    command: `tandem failover ${name} --to ${to}`,
    preflight: async () => {
      const [lag, cluster] = await Promise.all([
        lagReport(aws, environment, standby),
        againstCluster(aws, environment, to),
      ]);
      const tooFar = lag.reasons.map((reason) => ({
        found: `${standby.instance}: ${reason}`,
        next: `wait if ${from} may come back, or lose what is missing: tandem failover ${name} --to ${to} --accept-loss`,
      }));
      refuse(
        [...againstPromotion(standby), ...(acceptLoss ? [] : tooFar), ...cluster],
        'an available replica within the RPO, and a cluster that carries the load',
      );
      return [lag.found, ...(acceptLoss ? lag.reasons.map((reason) => `accepted: ${reason}`) : [])];
    },
    holds: async () => (await databaseOf(aws, to, standby.instance))?.source === undefined,
    steps: [
      closeLatch(environment, from, {
        after: `${from} is kept out of DNS and ${to} is not promoted: no region takes writes`,
      }),
      ...promotion(environment, standby, from),
    ],
  };
}
