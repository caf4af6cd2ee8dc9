import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { KubernetesEnvironment } from '../../environments';
import { type Clusters, recordedClusters, saveClusters } from '../../environments/clusters';
import { loadRoles, type Roles } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { namespace } from '../../lib/in-cluster';
import { type SynthesizedStack, synthesize } from '../../stacks/synthesize';
import { confirm } from '../confirm';
import { applyGuarded, planStage } from '../terraform/apply-stage';
import { kept } from '../terraform/init';
import { ensureDns } from './name-server';
import { clustersByK3d, clustersOfOthers, shareKubeconfig } from './clusters';
import { buildWorkload, readImages } from './images';
import { loadImages } from './load';
import { ensureSecrets } from './secrets';
import { appliedOf, whereOf } from './standing';
import { troublesOf } from './pods';

export interface ClusterFlags {
  readonly contexts?: string;
  readonly images?: string;
  readonly yes?: true;
}

/**
 * Makes both regions of an environment, from no cluster to two that answer, or makes them what is declared again.
 * @throws TandemError
 */
export async function upOnClusters(
  environment: KubernetesEnvironment,
  flags: ClusterFlags,
  signal: AbortSignal,
): Promise<void> {
  const { name } = environment;
  const roles = loadRoles(environment);
  shareKubeconfig();
  const clusters = await clustersFor(environment, flags, signal);
  let agreed = flags.yes === true || clusters.madeBy === 'k3d';
  const agree = async () => {
    if (agreed) return;
    const contexts = Object.values(clusters.regions).map(({ context }) => context);
    console.log(
      `What it adds goes to ${contexts.join(' and ')}, all but node-wide roles into namespace ${namespace}`,
    );
    await confirm(`tandem up ${name}`, signal);
    agreed = true;
  };
  await loadImages(environment, clusters, signal);
  saveClusters(environment, clusters);

  mkdirSync(kept, { recursive: true, mode: 0o700 });
  const plans = mkdtempSync(join(resolve(kept), 'up-'));
  let changed = false;
  try {
    const declared = synthesize([{ environment, roles, mode: 'live', ...whereOf(clusters) }], kept);
    for (const stage of layersOf(appliedOf(environment, declared), roles)) {
      // The namespace is there by now, and nothing yet that reads them.
      if (stage[0]?.layer === 'data')
        for (const line of await ensureSecrets(environment, clusters, signal)) console.log(`✔ ${line}`);
      if (await applyGuarded(await planStage(stage, plans, [], signal), agree, signal)) changed = true;
    }
    await ensureDns(environment, signal);
    await bothAnswer(environment, clusters, roles, signal);
  } catch (thrown) {
    if (!signal.aborted) for (const line of await troublesOf(clusters)) console.error(line);
    throw thrown;
  } finally {
    rmSync(plans, { recursive: true, force: true });
  }
  console.log(changed ? 'Done' : 'Nothing to do');
  for (const region of environment.regions) {
    const { workload, prometheus, grafana } = clusters.regions[region]?.endpoints ?? {};
    const role = roles[region]?.role ?? '';
    console.log(`  ${region.padEnd(12)} ${role.padEnd(10)} ${workload ?? ''}`);
    console.log(`  ${''.padEnd(23)} Prometheus ${prometheus ?? ''}, Grafana ${grafana ?? ''}`);
  }
  for (const [image, stand] of Object.entries(clusters.images))
    if (stand === null) console.log(`  Left out, for --images maps it to null: ${image}`);
  console.log(`Next: tandem status ${name}; tandem drill ${name}`);
}

/** The clusters, and the image that was built for them meanwhile. */
async function clustersFor(
  environment: KubernetesEnvironment,
  flags: ClusterFlags,
  signal: AbortSignal,
): Promise<Clusters> {
  const before = recordedClusters(environment);
  const images = flags.images === undefined ? (before?.images ?? {}) : readImages(flags.images);
  const standing = before?.madeBy === 'others' ? contextsOf(before) : undefined;
  const contexts = flags.contexts?.split(',') ?? standing;
  if (before) refuseToMove(environment.name, before, contexts);
  const since = performance.now();
  const [where, workloadImage] = await Promise.all([
    contexts ? clustersOfOthers(environment, contexts, signal) : clustersByK3d(environment, images, signal),
    buildWorkload(images, signal).then((image) => {
      console.log(`✔ image of the workload: ${image} (${((performance.now() - since) / 1000).toFixed(0)} s)`);
      return image;
    }),
  ]);
  return { ...where, images, workloadImage };
}

const contextsOf = ({ regions }: Clusters): readonly string[] =>
  Object.values(regions).map(({ context }) => context);

/**
 * What Terraform knows is of the clusters that it stands on: on others it would begin anew, and leave the first behind.
 * @throws TandemError ContextsInvalid
 */
function refuseToMove(name: string, before: Clusters, contexts: readonly string[] | undefined): void {
  const same = contexts ? contextsOf(before).join() === contexts.join() : before.madeBy === 'k3d';
  if (same) return;
  throw new TandemError('ContextsInvalid', {
    found: `--contexts ${contexts?.join(',') ?? ''}, where ${name} stands on ${contextsOf(before).join(' and ')}`,
    expected: 'the clusters that it stands on, or none named for the same again',
    next: `tandem down ${name}, and then up again elsewhere`,
  });
}

/** A layer after the other, both regions at once; the active one first, for what starts by copying from it. */
function layersOf(
  stacks: readonly SynthesizedStack[],
  roles: Roles,
): readonly (readonly SynthesizedStack[])[] {
  const isActive = ({ region = '' }: SynthesizedStack) => roles[region]?.role === 'active';
  return [...new Set(stacks.map(({ layer }) => layer))].map((layer) =>
    stacks
      .filter((stack) => stack.layer === layer)
      .toSorted((one, other) => Number(isActive(other)) - Number(isActive(one))),
  );
}

const readiness = z.object({ writable: z.boolean(), reason: z.string().optional() });

/** Waits until Route 53's own question is answered well by both regions, and the active one takes writes. */
async function bothAnswer(
  { regions, healthCheck }: KubernetesEnvironment,
  clusters: Clusters,
  roles: Roles,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    regions.map(async (region) => {
      const { endpoints, context = '' } = clusters.regions[region] ?? {};
      const url = `${endpoints?.workload ?? ''}${healthCheck.path}`;
      await waitFor(
        {
          what: `${region} to answer ${url}`,
          budget: { name: 'regionAnswers', seconds: 120 },
          next: `kubectl --context ${context} -n ${namespace} get pods`,
          everyMs: 500,
          signal,
        },
        async () => {
          const response = await fetch(url, {
            signal: AbortSignal.any([signal, AbortSignal.timeout(3000)]),
          });
          const { writable, reason = '' } = readiness.parse(await response.json());
          const mayWrite = writable || roles[region]?.role !== 'active';
          if (response.ok && mayWrite) return true;
          throw new TandemError('RegionUnreachable', {
            found: `${url} answers ${response.status} ${reason}`,
            expected: '200, and that the active region takes writes',
            next: `kubectl --context ${context} -n ${namespace} get pods`,
          });
        },
      );
    }),
  );
}
