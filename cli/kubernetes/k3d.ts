import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { KubernetesEnvironment } from '../../environments';
import { clusterName } from '../../environments/clusters';
import { command } from '../../lib/command';
import { nodePorts } from '../../lib/in-cluster';
import { versions } from '../../lib/versions';

/** The node image, as `--images` may map it. */
export const nodeImage = `docker.io/rancher/k3s:${versions.k3s}`;

/** The ports of this machine that lead to a region: the first region's are its node ports, the second's the next ones. */
export const hostPorts = ({ regions }: KubernetesEnvironment, region: string) => {
  const place = regions.indexOf(region);
  return {
    workload: nodePorts.workload + place,
    prometheus: nodePorts.prometheus + place,
    grafana: nodePorts.grafana + place,
  };
};

/**
 * A region's cluster as k3d's configuration file ("Using Config Files", k3d documentation): one server, its ports mapped
 * straight to it, so that neither k3d's load balancer nor its image is needed; both regions on one network.
 */
export function k3dConfig(environment: KubernetesEnvironment, region: string, image: string) {
  const ports = hostPorts(environment, region);
  return {
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    metadata: { name: clusterName(environment, region) },
    servers: 1,
    agents: 0,
    image,
    network: networkOf(environment),
    ports: (['workload', 'prometheus', 'grafana'] as const).map((name) => ({
      port: `127.0.0.1:${ports[name]}:${nodePorts[name]}`,
      nodeFilters: ['server:0:direct'],
    })),
    options: {
      k3d: { wait: true, timeout: '120s', disableLoadbalancer: true },
      // Nothing here asks for a load balancer or an ingress: both would take memory.
      k3s: {
        extraArgs: ['--disable=traefik', '--disable=servicelb'].map((arg) => ({
          arg,
          nodeFilters: ['server:*'],
        })),
      },
      kubeconfig: { updateDefaultKubeconfig: true, switchCurrentContext: false },
    },
  };
}

/** The docker network that both of an environment's clusters are on. */
export const networkOf = ({ name }: KubernetesEnvironment): string => `tandem-${name}`;

const listed = z.array(z.object({ name: z.string(), serversRunning: z.number(), serversCount: z.number() }));

/** What `ensureCluster` had to do. */
export type Done = 'created' | 'started' | 'was there';

/**
 * Makes a region's cluster run, and the kubeconfig know it: creates a missing one, starts a stopped one, and makes one anew
 * whose creation was ended before it had a server.
 * @throws TandemError CommandMissing, CommandFailed
 */
export async function ensureCluster(
  environment: KubernetesEnvironment,
  region: string,
  image: string,
  signal: AbortSignal,
): Promise<Done> {
  const name = clusterName(environment, region);
  const found = await clusterNamed(environment, region, signal);
  if (found && found.serversCount > 0) {
    const running = found.serversRunning === found.serversCount;
    if (!running) await command('k3d', ['cluster', 'start', name, '--wait'], { signal });
    // A creation that was ended, or another kubeconfig than then, leaves a cluster that no context leads to.
    const merge = [
      'kubeconfig',
      'merge',
      name,
      '--kubeconfig-merge-default',
      '--kubeconfig-switch-context=false',
    ];
    await command('k3d', merge, { signal });
    return running ? 'was there' : 'started';
  }
  if (found) await command('k3d', ['cluster', 'delete', name], { signal });
  const folder = mkdtempSync(join(tmpdir(), 'tandem-k3d-'));
  try {
    const file = join(folder, 'cluster.yaml');
    // JSON is YAML, too.
    writeFileSync(file, JSON.stringify(k3dConfig(environment, region, image), null, 2));
    await command('k3d', ['cluster', 'create', '--config', file], { signal });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 'created';
}

/**
 * Puts images that docker has here into the clusters of both regions, without k3d's helper image.
 * @throws TandemError CommandMissing, CommandFailed
 */
export async function importImages(
  environment: KubernetesEnvironment,
  images: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const clusters = environment.regions.flatMap((region) => ['--cluster', clusterName(environment, region)]);
  await command('k3d', ['image', 'import', '--mode', 'direct', ...clusters, ...images], { signal });
}

/**
 * Deletes clusters of an environment with all that is in them, and the network that they were on: k3d leaves it to whoever made
 * the first of two on one network.
 */
export async function deleteClusters(
  environment: KubernetesEnvironment,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (names.length > 0) await command('k3d', ['cluster', 'delete', ...names], { signal });
  const only = ['-q', '--filter', `name=^${networkOf(environment)}$`];
  const network = (await command('docker', ['network', 'ls', ...only], { signal })).trim();
  if (network !== '') await command('docker', ['network', 'rm', network], { signal });
}

/** What k3d says of a region's cluster; undefined when it has none. */
export async function clusterNamed(environment: KubernetesEnvironment, region: string, signal: AbortSignal) {
  const name = clusterName(environment, region);
  const list = listed.parse(JSON.parse(await command('k3d', ['cluster', 'list', '-o', 'json'], { signal })));
  return list.find((each) => each.name === name);
}
