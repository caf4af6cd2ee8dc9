import type { KubernetesEnvironment } from '../../environments';
import { loadClusters } from '../../environments/clusters';
import type { Role, Roles } from '../../environments/roles';
import { latchFor, type Moved } from '../../failover/operations/reconcile';
import { Cluster } from '../../failover/targets/kubernetes-cluster';
import { asCoded, TandemError } from '../../lib/errors';
import { readStandingRecord, StandingDns } from '../../twin/dns/standing-client';
import { dnsFile } from '../dns';

const clustersOf = (environment: KubernetesEnvironment): readonly Cluster[] =>
  Object.entries(loadClusters(environment).regions).map(
    ([region, { context }]) => new Cluster(region, context),
  );

/**
 * What the databases of both clusters say of the roles: active is the primary with the latest timeline.
 * @throws TandemError ClustersMissing, OperationRefused when no primary answers
 */
export async function movedOnClusters(environment: KubernetesEnvironment, declared: Roles): Promise<Moved> {
  const seen = await Promise.all(clustersOf(environment).map(timelineOf));
  const active = seen
    .filter(({ timeline }) => Number(timeline) > 0)
    .toSorted((one, other) => Number(other.timeline) - Number(one.timeline))[0]?.region;
  if (active === undefined) {
    throw new TandemError('OperationRefused', {
      found: 'no cluster with a PostgreSQL that answers and is a primary',
      expected: 'one, which is the active region’s',
      next: `tandem status ${environment.name} shows both`,
    });
  }
  const roles = Object.fromEntries(
    seen.map(({ region, timeline }) => {
      const { role: before = 'standby', generation = 1 } = declared[region] ?? {};
      return [region, { role: roleOf({ timeline, before, isActive: region === active }), generation }];
    }),
  );
  const regions = seen.map(({ region }) => region);
  const reached = seen.flatMap(({ region, timeline }) => (timeline === undefined ? [] : region));
  return {
    roles,
    active,
    latches: Object.fromEntries(regions.map((region) => [region, latchFor(environment, roles, region)])),
    reached,
    unreached: regions.filter((region) => !reached.includes(region)),
  };
}

interface Seen {
  readonly region: string;
  /** 0 for a standby; undefined when nothing answers. */
  readonly timeline: number | undefined;
}

async function timelineOf(cluster: Cluster): Promise<Seen> {
  const { region } = cluster;
  try {
    return { region, timeline: (await cluster.isStandby()) ? 0 : await cluster.timeline() };
  } catch (thrown) {
    if (asCoded(thrown).code === 'CommandFailed') return { region, timeline: undefined };
    throw thrown;
  }
}

/** A primary of an earlier timeline was active, and so may have been one that does not answer. */
function roleOf({
  timeline,
  before,
  isActive,
}: Pick<Seen, 'timeline'> & { before: Role; isActive: boolean }): Role {
  if (isActive) return 'active';
  if (timeline === undefined) return before === 'active' ? 'fenced' : before;
  return timeline === 0 ? 'standby' : 'fenced';
}

/** Tells the clusters that answer their roles, as Terraform would, and puts both latches. Returns a line each. */
export async function tellClusters(
  environment: KubernetesEnvironment,
  moved: Moved,
): Promise<readonly string[]> {
  for (const cluster of clustersOf(environment)) {
    const role = moved.roles[cluster.region];
    if (role && moved.reached.includes(cluster.region)) await cluster.declare(role);
  }
  const dns = new StandingDns(environment.name, () => readStandingRecord(dnsFile(environment)));
  const latches = Object.entries(moved.latches);
  for (const [region, latch] of latches) await dns.setLatch(region, latch);
  return latches.map(([region, latch]) => `latch of ${region}: ${latch}`);
}
