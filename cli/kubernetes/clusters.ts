import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { KubernetesEnvironment } from '../../environments';
import {
  type Clusters,
  clusterName,
  dnsPort,
  endpointsAt,
  type RegionCluster,
} from '../../environments/clusters';
import { command, kubectl } from '../../lib/command';
import { TandemError } from '../../lib/errors';
import { nodePorts } from '../../lib/in-cluster';
import { waitFor } from '../../lib/wait';
import { ensureCluster, hostPorts, nodeImage } from './k3d';

type Where = Pick<Clusters, 'madeBy' | 'regions' | 'dns'>;

/**
 * Makes the clusters of both regions with k3d, or finds them.
 * @throws TandemError CommandMissing, CommandFailed, BudgetExceeded
 */
export async function clustersByK3d(
  environment: KubernetesEnvironment,
  images: Clusters['images'],
  signal: AbortSignal,
): Promise<Where> {
  const regions: (readonly [string, RegionCluster])[] = [];
  // One after the other: two at once would each make the network that both are on.
  for (const region of environment.regions) {
    const since = performance.now();
    const done = await ensureCluster(environment, region, images[nodeImage] ?? nodeImage, signal);
    const context = `k3d-${clusterName(environment, region)}`;
    const addresses = await addressesOf(context, signal);
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    console.log(`✔ cluster of ${region}: ${done}, context ${context} (${seconds} s)`);
    const endpoints = endpointsAt('127.0.0.1', hostPorts(environment, region));
    regions.push([region, { context, addresses, endpoints }]);
  }
  return whereOf('k3d', regions);
}

/**
 * Takes clusters that somebody else made, by the contexts of the kubeconfig.
 * @throws TandemError ContextsInvalid, CommandMissing, CommandFailed, BudgetExceeded
 */
export async function clustersOfOthers(
  { regions }: KubernetesEnvironment,
  contexts: readonly string[],
  signal: AbortSignal,
): Promise<Where> {
  const listed = await command('kubectl', ['config', 'get-contexts', '-o', 'name'], { signal });
  const known = listed.trim().split('\n');
  const unknown = contexts.filter((context) => !known.includes(context));
  if (contexts.length !== regions.length || new Set(contexts).size !== regions.length || unknown.length > 0) {
    throw new TandemError('ContextsInvalid', {
      found: `--contexts ${contexts.join(',')}${unknown.length > 0 ? `, of which ${unknown.join(', ')} are not in the kubeconfig` : ''}`,
      expected: `one of the kubeconfig for each of ${regions.join(', ')}: ${known.join(', ')}`,
      next: '--contexts A,B in that order; KUBECONFIG names another kubeconfig',
    });
  }
  const found = await Promise.all(
    regions.map(async (region, at) => {
      const context = contexts[at] ?? '';
      const addresses = await addressesOf(context, signal);
      console.log(`✔ cluster of ${region}: context ${context}, at ${addresses.join(', ')}`);
      return [region, { context, addresses, endpoints: endpointsAt(addresses[0], nodePorts) }] as const;
    }),
  );
  return whereOf('others', found);
}

async function whereOf(
  madeBy: Clusters['madeBy'],
  regions: readonly (readonly [string, RegionCluster])[],
): Promise<Where> {
  const [first] = regions;
  const here = first ? await addressTowards(first[1].addresses[0]) : '127.0.0.1';
  return { madeBy, regions: Object.fromEntries(regions), dns: `${here}:${dnsPort}` };
}

const nodeList = z.object({
  items: z.array(
    z.object({
      status: z.object({
        addresses: z.array(z.object({ type: z.string(), address: z.string() })),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })),
        images: z.array(z.object({ names: z.array(z.string()).nullish() })).default([]),
      }),
    }),
  ),
});

const nodesOf = async (context: string, signal: AbortSignal) =>
  nodeList.parse(
    JSON.parse(
      await kubectl(context, ['get', 'nodes', '--sort-by=.metadata.creationTimestamp', '-o', 'json'], {
        signal,
      }),
    ),
  ).items;

/** The addresses of a cluster's nodes, the oldest node first, when all of them are ready. */
const addressesOf = (context: string, signal: AbortSignal): Promise<RegionCluster['addresses']> =>
  waitFor(
    {
      what: `the nodes of ${context}`,
      budget: { name: 'nodesReady', seconds: 120 },
      next: `kubectl --context ${context} describe nodes`,
      everyMs: 1000,
      signal,
    },
    async () => {
      const nodes = await nodesOf(context, signal);
      const ready = nodes.every(({ status }) =>
        status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      );
      const [first, ...others] = nodes.flatMap(({ status }) =>
        status.addresses.flatMap(({ type, address }) => (type === 'InternalIP' ? address : [])),
      );
      return ready && first !== undefined ? [first, ...others] : undefined;
    },
  );

/** What each node of a cluster says that it holds; Kubernetes lists no more than fifty images ("nodeStatusMaxImages"). */
export const imagesOnNodes = async (
  context: string,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> =>
  (await nodesOf(context, signal)).map(({ status }) => status.images.flatMap(({ names }) => names ?? []));

/** The address under which a machine at `address` sees this one. */
async function addressTowards(address: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    // Sends nothing: it only chooses the route.
    socket.connect(dnsPort, address);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}

/** Lets Terraform's provider read the kubeconfig that kubectl reads. */
export function shareKubeconfig(): void {
  process.env['KUBE_CONFIG_PATHS'] ??= process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config');
}
