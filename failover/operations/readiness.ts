import type { AwsEnvironment } from '../../environments';
import type { Roles } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import { physicalName } from '../../lib/names';
import { type Aws, type Call, refusalOf } from './calls';
import { lagBeforeSilence, lagSamples, tooFar } from './lag';
import type { Standby } from './steps';
import { cacheName, cachePartOf, databaseName, databaseOf } from './stores';

/** Asks the region what it has of what an operation moves. Only reads, and only there. */
export async function survey(
  aws: Aws,
  { name, cache }: AwsEnvironment,
  roles: Roles,
  region: string,
): Promise<Standby> {
  const instance = databaseName(name, region, roles[region]?.generation ?? 1);
  const group = cacheName(name, region);
  const [database, part] = await Promise.all([
    databaseOf(aws, region, instance),
    cache.nodesPerShard > 1 ? cachePartOf(aws, region, group) : undefined,
  ]);
  return { region, instance, database, group, cache: part };
}

/** A reason against an operation, and what to do about it. */
export interface Objection {
  readonly found: string;
  readonly next: string;
}

/** What speaks against promoting the region's database: that it is none, or no replica, or busy. */
export function againstPromotion({ region, instance, database }: Standby): readonly Objection[] {
  if (!database) {
    return [
      {
        found: `there is no ${instance} in ${region}`,
        next: 'compare the generation in environments/roles.json with the instances of the region',
      },
    ];
  }
  if (database.source === undefined) {
    return [
      { found: `${instance} is no replica: there is nothing to promote`, next: 'see which region is active' },
    ];
  }
  return database.status === 'available'
    ? []
    : [{ found: `${instance} is ${database.status}`, next: 'wait until it is available' }];
}

/** What is known of the replica's lag, and why it is too much, if it is. */
export async function lagReport(
  aws: Aws,
  { objectives }: AwsEnvironment,
  { region, instance }: Standby,
): Promise<{ readonly found: string; readonly reasons: readonly string[] }> {
  const now = Date.now();
  const lag = lagBeforeSilence(await lagSamples(aws, region, instance, now));
  const found = lag
    ? `${instance} was ${lag.behindSeconds} s behind at ${new Date(lag.heardAtMs).toISOString()}`
    : `no lag of ${instance} is known`;
  return { found, reasons: tooFar(lag, objectives, now) };
}

/** Asks for the node group of the region's cluster (modules/cluster). */
export const nodesCall = (environment: string, region: string): Call<'eks:DescribeNodegroup'> => ({
  action: 'eks:DescribeNodegroup',
  region,
  parameters: {
    clusterName: physicalName('eksCluster', { environment, region, component: 'cluster' }),
    nodegroupName: physicalName('eksNodeGroup', { environment, region, component: 'nodes' }),
  },
});

/** What speaks against the region's cluster: EKS tells how many nodes a group wants and what is wrong with it. */
export async function againstCluster(
  aws: Aws,
  { name, cluster }: AwsEnvironment,
  region: string,
): Promise<readonly Objection[]> {
  const next = `tandem up ${name} makes the cluster as declared`;
  const call = nodesCall(name, region);
  const group = await aws.send(call).then(
    ({ nodegroup }) => nodegroup,
    (thrown: unknown) => {
      if (refusalOf(thrown) === 'ResourceNotFoundException') return undefined;
      throw thrown;
    },
  );
  const nodes = `node group ${call.parameters.nodegroupName ?? ''}`;
  if (!group) return [{ found: `there is no ${nodes} in ${region}`, next }];
  const { status, scalingConfig, health } = group;
  const wanted = scalingConfig?.desiredSize ?? 0;
  return [
    ...(status === 'ACTIVE' || status === 'UPDATING'
      ? []
      : [{ found: `${nodes} is ${status ?? '?'}`, next }]),
    ...(wanted < cluster.minNodes
      ? [{ found: `${nodes} has ${wanted} nodes, and ${cluster.minNodes} carry the load`, next }]
      : []),
    ...(health?.issues ?? []).map(({ code, message }) => ({
      found: `${nodes}: ${code ?? ''} ${message ?? ''}`,
      next,
    })),
  ];
}

/** @throws TandemError OperationRefused with everything that speaks against it */
export function refuse(objections: readonly Objection[], expected: string): void {
  if (objections.length === 0) return;
  throw new TandemError('OperationRefused', {
    found: objections.map(({ found }) => found).join('; '),
    expected,
    next: [...new Set(objections.map(({ next }) => next))].join('; '),
  });
}
