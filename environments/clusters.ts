import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { reasonOf, TandemError } from '../lib/errors';
import type { CommonFields } from './schema';

const region = z.strictObject({
  /** Of the kubeconfig. */
  context: z.string(),
  /** Of its nodes, as pods of the peer cluster and this machine reach them; clients go to the first. */
  addresses: z.tuple([z.string()], z.string()),
  /** URLs for clients on this machine. */
  endpoints: z.strictObject({ workload: z.url(), prometheus: z.url(), grafana: z.url() }),
});

const schema = z.strictObject({
  /** `k3d` when `tandem up` made the clusters and `tandem down` may delete them. */
  madeBy: z.enum(['k3d', 'others']),
  regions: z.record(z.string(), region),
  /** What stands for an image on these clusters; null leaves out what it is for. */
  images: z.record(z.string(), z.string().nullable()),
  /** What was built of this checkout, or what `images` names for it. */
  workloadImage: z.string(),
  /** Address and port on this machine where the environment's DNS answers pods. */
  dns: z.string(),
});

/** What an environment on Kubernetes runs on; written by `tandem up`, read by every command after it. */
export type Clusters = z.output<typeof schema>;
export type RegionCluster = z.output<typeof region>;

type Named = Pick<CommonFields, 'name' | 'regions'>;

/** The ports of the environment's DNS on this machine, and of what moves its latches. */
export const dnsPort = 30053;
export const controlPort = 30054;

/** Where an environment's state is kept, with what it runs on; relative to where the command runs. */
export const stateFolder = ({ name }: Pick<Named, 'name'>): string => resolve('.tandem', 'state', name);

const pathOf = (environment: Named): string => join(stateFolder(environment), 'clusters.json');

/** The name of a region's cluster where `tandem up` makes it. */
export const clusterName = ({ name }: Pick<Named, 'name'>, region: string): string =>
  `tandem-${name}-${region}`;

/**
 * What `tandem up` recorded.
 * @throws TandemError ClustersMissing when it did not run, or left something unreadable
 */
export function loadClusters(environment: Named): Clusters {
  try {
    return schema.parse(JSON.parse(readFileSync(pathOf(environment), 'utf8')));
  } catch (thrown) {
    throw new TandemError('ClustersMissing', {
      found: `${pathOf(environment)} can not be read: ${reasonOf(thrown)}`,
      expected: `what tandem up ${environment.name} writes there, run from this folder`,
      next: `tandem up ${environment.name}`,
      cause: thrown,
    });
  }
}

/** What `tandem up` recorded, when it did. @throws TandemError ClustersMissing for a record that is unreadable */
export const recordedClusters = (environment: Named): Clusters | undefined =>
  existsSync(pathOf(environment)) ? loadClusters(environment) : undefined;

/** Records what the environment runs on, whole or not at all. */
export function saveClusters(environment: Named, clusters: Clusters): void {
  const path = pathOf(environment);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify(clusters, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Removes the record, and with it the state of what ran there. */
export const forgetClusters = (environment: Named): void =>
  rmSync(stateFolder(environment), { recursive: true, force: true });

/** URLs of a region by the address and the ports under which this machine reaches it. */
export const endpointsAt = (
  address: string,
  { workload, prometheus, grafana }: Readonly<Record<keyof RegionCluster['endpoints'], number>>,
): RegionCluster['endpoints'] => ({
  workload: `http://${address}:${workload}`,
  prometheus: `http://${address}:${prometheus}`,
  grafana: `http://${address}:${grafana}`,
});
