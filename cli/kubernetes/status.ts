import { z } from 'zod';
import type { KubernetesEnvironment } from '../../environments';
import { loadClusters } from '../../environments/clusters';
import type { Roles } from '../../environments/roles';
import { kubectl } from '../../lib/command';
import { reasonOf } from '../../lib/errors';
import { namespace } from '../../lib/in-cluster';
import { type Pod, podsOf } from './pods';

const database = z.object({
  standby: z.boolean(),
  /** Its timeline, which a promotion raises. */
  epoch: z.number(),
  copies: z
    .array(
      z.object({ state: z.string(), lagBytes: z.number().nullable(), lagSeconds: z.number().nullable() }),
    )
    .nullable(),
});

/** What a region's PostgreSQL says of itself, and of who copies from it. */
export type Database = z.output<typeof database>;

/** "System Information Functions", "pg_stat_replication", PostgreSQL documentation. */
const question = `select json_build_object(
  'standby', pg_is_in_recovery(),
  'epoch', (select timeline_id from pg_control_checkpoint()),
  'copies', case when not pg_is_in_recovery() then (
    select json_agg(json_build_object(
      'state', state,
      'lagBytes', pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn),
      'lagSeconds', extract(epoch from replay_lag)))
    from pg_stat_replication where application_name <> 'pg_basebackup') end)`;

/** A region as its cluster shows it; `unreachable` in its place when the cluster or a part of it gives no answer. */
export interface RegionOnCluster {
  readonly region: string;
  readonly context: string;
  readonly endpoint: string;
  readonly pods: readonly Pod[] | { readonly unreachable: string };
  readonly database: Database | { readonly unreachable: string };
}

/** What both clusters of an environment show. @throws TandemError ClustersMissing */
export async function statusOnClusters(
  environment: KubernetesEnvironment,
  signal: AbortSignal,
): Promise<readonly RegionOnCluster[]> {
  const { regions } = loadClusters(environment);
  return Promise.all(
    Object.entries(regions).map(async ([region, { context, endpoints }]) => {
      const [pods, databaseOf] = await Promise.all([
        podsOf(context, signal).catch(unreachable),
        askDatabase(context, signal).catch(unreachable),
      ]);
      return { region, context, endpoint: endpoints.workload, pods, database: databaseOf };
    }),
  );
}

const unreachable = (thrown: unknown) => ({ unreachable: reasonOf(thrown) });

/** Seconds that a frozen node may take before it counts as unreachable. */
const patience = '--request-timeout=5s';

async function askDatabase(context: string, signal: AbortSignal): Promise<Database> {
  const psql = ['psql', '-U', 'postgres', '-AtX', '-c', question];
  const args = [patience, 'exec', '-n', namespace, 'postgres-0', '-c', 'postgres', '--', ...psql];
  return database.parse(JSON.parse(await kubectl(context, args, { signal })));
}

/** Where the databases that answer are not what their regions are declared to be, a sentence each. */
export const disagreementsOf = (regions: readonly RegionOnCluster[], roles: Roles): readonly string[] =>
  regions.flatMap(({ region, database: asked }) => {
    const role = roles[region]?.role;
    if ('unreachable' in asked || role === undefined) return [];
    // What is fenced was a primary, and stays one until it is rebuilt.
    const mayBe = role === 'active' ? ['primary'] : role === 'fenced' ? ['primary', 'standby'] : ['standby'];
    const is = asked.standby ? 'standby' : 'primary';
    return mayBe.includes(is) ? [] : `${region} is declared ${role}, and its PostgreSQL is a ${is}`;
  });

/** The lines under a region's role. */
export function linesOf({ pods, database: asked, endpoint, context }: RegionOnCluster): readonly string[] {
  return [`${endpoint}, context ${context}`, ...databaseLines(asked), ...podLines(pods)];
}

function databaseLines(asked: RegionOnCluster['database']): readonly string[] {
  if ('unreachable' in asked) return [`PostgreSQL unreachable: ${firstLine(asked.unreachable)}`];
  if (asked.standby) return [`PostgreSQL: standby, epoch ${asked.epoch}`];
  const copies = (asked.copies ?? []).map(({ state, lagBytes, lagSeconds }) =>
    lagBytes === null ? `copy ${state}` : `copy ${state}, ${lagBytes} bytes and ${lagSeconds ?? 0} s behind`,
  );
  return [`PostgreSQL: primary, epoch ${asked.epoch}, ${copies.join('; ') || 'no copy is connected'}`];
}

function podLines(pods: RegionOnCluster['pods']): readonly string[] {
  if ('unreachable' in pods) return [`pods unreachable: ${firstLine(pods.unreachable)}`];
  const ready = pods.filter((pod) => pod.ready).length;
  return [
    `pods: ${ready} of ${pods.length} ready`,
    ...pods.flatMap(({ name, trouble }) => (trouble === undefined ? [] : `  ${name}: ${trouble}`)),
  ];
}

const firstLine = (text: string): string => text.split('\n').find((line) => line !== '') ?? '';
