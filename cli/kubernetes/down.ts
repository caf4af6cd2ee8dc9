import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KubernetesEnvironment } from '../../environments';
import { type Clusters, forgetClusters, recordedClusters } from '../../environments/clusters';
import { loadRoles } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import { namespace } from '../../lib/in-cluster';
import { synthesize } from '../../stacks/synthesize';
import { confirm } from '../confirm';
import { stopDns } from '../dns';
import { applyStage, planStage } from '../terraform/apply-stage';
import { kept } from '../terraform/init';
import { shareKubeconfig } from './clusters';
import { isBuilt, removeBuilt } from './images';
import { clusterNamed, deleteClusters } from './k3d';
import { appliedOf, whereOf } from './standing';

/**
 * Takes an environment down and leaves nothing of it: clusters that `tandem up` made go whole; in others each stack is
 * destroyed. Interrupted, a second run goes on.
 * @throws TandemError
 */
export async function downOnClusters(
  environment: KubernetesEnvironment,
  yes: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { name } = environment;
  const clusters = recordedClusters(environment);
  const others = clusters?.madeBy === 'others' ? clusters : undefined;
  const contexts = Object.values(others?.regions ?? {}).map(({ context }) => context);
  const ours = others ? [] : await clustersOf(environment, signal);
  if (!clusters && ours.length === 0) {
    console.log('Nothing to do');
    return;
  }
  const going = others
    ? contexts.map((context) => `namespace ${namespace} of ${context}, with its volumes`)
    : ours.map((cluster) => `k3d cluster ${cluster}, with its volumes`);
  console.log(['What is in these is lost:', ...going].join('\n  '));
  if (!yes) await confirm(`tandem down ${name}`, signal);

  await stopDns(environment);
  if (others) await destroyStacks(environment, others, signal);
  else await deleteClusters(environment, ours, signal);
  if (clusters && isBuilt(clusters.workloadImage)) await removeBuilt(signal);
  forgetClusters(environment);
  forgetFolders(name);
  console.log('Done');
}

/** Removes what Terraform worked in, and the plans that were kept. */
function forgetFolders(name: string): void {
  const stacks = resolve(kept, 'stacks');
  const ours = existsSync(stacks)
    ? readdirSync(stacks).filter((each) => each.startsWith(`tandem-${name}-`))
    : [];
  for (const folder of [...ours.map((each) => join(stacks, each)), resolve(kept, 'plans', name)])
    rmSync(folder, { recursive: true, force: true });
}

/** The clusters of this environment that k3d has; none where there is no k3d. */
async function clustersOf(
  environment: KubernetesEnvironment,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const asked = environment.regions.map((region) => clusterNamed(environment, region, signal));
  const found = await Promise.all(asked).catch((thrown: unknown) => {
    if (thrown instanceof TandemError && thrown.code === 'CommandMissing') return [];
    throw thrown;
  });
  return found.flatMap((cluster) => cluster?.name ?? []);
}

async function destroyStacks(
  environment: KubernetesEnvironment,
  clusters: Clusters,
  signal: AbortSignal,
): Promise<void> {
  shareKubeconfig();
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  const plans = mkdtempSync(join(resolve(kept), 'down-'));
  const roles = loadRoles(environment);
  const declared = synthesize([{ environment, roles, mode: 'live', ...whereOf(clusters) }], kept);
  const stacks = appliedOf(environment, declared);
  try {
    for (const layer of [...new Set(stacks.map((stack) => stack.layer))].toReversed()) {
      const stage = stacks.filter((stack) => stack.layer === layer);
      const { changes } = await planStage(stage, plans, ['-destroy'], signal);
      await applyStage(changes, signal);
    }
  } finally {
    rmSync(plans, { recursive: true, force: true });
  }
}
