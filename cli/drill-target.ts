import type { Environment } from '../environments';
import { loadClusters } from '../environments/clusters';
import type { Roles } from '../environments/roles';
import type { DrillOptions } from '../failover/engine';
import { EmbeddedTarget } from '../failover/targets/embedded';
import { KubernetesTarget } from '../failover/targets/kubernetes';
import { TandemError } from '../lib/errors';
import { readStandingRecord, StandingDns } from '../twin/dns/standing-client';
import { dnsFile } from './dns';
import { planStacks } from './terraform/plan-stacks';
import { trafficStack } from './traffic-stack';

interface Chosen {
  /** Left out for the environment's own. */
  readonly target?: string;
  readonly realTime?: true;
}

/**
 * What an environment is drilled on, and who says what Terraform would change there.
 * @throws TandemError TargetUnavailable, ClustersMissing, DrillRefused
 */
export async function drillTarget(
  environment: Environment,
  roles: Roles,
  chosen: Chosen,
): Promise<Pick<DrillOptions, 'target' | 'changes'>> {
  const { name, target } = environment;
  const before = trafficStack(environment, roles);
  const traffic = (changed: Roles): readonly string[] =>
    trafficStack(environment, changed) === before ? [] : [`tandem-${name}-traffic`];
  if (chosen.target === 'embedded') {
    const realTime = chosen.realTime === true;
    return {
      target: new EmbeddedTarget({ environment, synthesized: JSON.parse(before), realTime }),
      changes: (changed) => Promise.resolve(traffic(changed)),
    };
  }
  if (target === 'kubernetes') {
    const dns = new StandingDns(name, () => readStandingRecord(dnsFile(environment)));
    return {
      target: await KubernetesTarget.open({ environment, clusters: loadClusters(environment), dns, roles }),
      changes: async (changed, signal) => [
        ...traffic(changed),
        ...(await planned(environment, changed, signal)),
      ],
    };
  }
  throw new TandemError('TargetUnavailable', {
    found: `${name} is deployed to ${target}, which this version can not drill`,
    expected: '--target embedded',
    next: `tandem drill ${name} --target embedded`,
  });
}

/** Every stack that has something to apply, or no plan. */
async function planned(environment: Environment, roles: Roles, signal: AbortSignal): Promise<string[]> {
  const plans = await planStacks({
    environment,
    roles,
    mode: 'live',
    withJson: false,
    progress: false,
    signal,
  });
  signal.throwIfAborted();
  return plans.flatMap((plan) =>
    plan.outcome === 'none'
      ? []
      : [plan.outcome === 'failed' ? `${plan.stack} (${plan.error.message})` : plan.stack],
  );
}
