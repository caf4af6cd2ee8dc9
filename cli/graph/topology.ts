import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../../environments';
import type { Role, Roles } from '../../environments/roles';
import { synthesize, type SynthesizedStack } from '../../stacks/synthesize';

/** A stack as a reader of the whole sees it. */
export interface Node {
  readonly id: string;
  readonly layer: string;
  /** Left out for a global layer. */
  readonly region?: string;
  readonly resources: number;
  /** What a global layer makes AWS copy between the regions, such as `buckets`; empty for a region's stack. */
  readonly copies: readonly string[];
}

/** What goes from one region to the other without Terraform, from a stack to a stack. */
export interface Replication {
  readonly from: string;
  readonly to: string;
  /** Such as `PostgreSQL`. */
  readonly of: readonly string[];
}

export interface Topology {
  readonly environment: string;
  readonly regions: readonly { readonly name: string; readonly role: Role | undefined }[];
  /** In the order in which they are deployed. */
  readonly nodes: readonly Node[];
  /** Which stack reads which stack's contract. */
  readonly reads: readonly { readonly from: string; readonly to: string }[];
  readonly replications: readonly Replication[];
}

const resource = z.record(z.string(), z.unknown());
const stackFile = z.object({
  resource: z.record(z.string(), z.record(z.string(), resource)).default({}),
  data: z
    .object({
      terraform_remote_state: z
        .record(z.string(), z.object({ config: z.object({ key: z.string(), region: z.string() }) }))
        .default({}),
    })
    .prefault({}),
});
type Resource = z.infer<typeof resource>;

interface Replicator {
  readonly of: string;
  /** Whether the resource is where the copy is (`in`) or where it comes from. */
  readonly direction: 'in' | 'out';
  readonly applies: (resource: Resource, peer: string) => boolean;
}

/** The resources through which AWS copies from region to region, by type. */
const replicators: Readonly<Record<string, Replicator>> = {
  aws_db_instance: {
    of: 'PostgreSQL',
    direction: 'in',
    applies: ({ replicate_source_db: source }, peer) =>
      typeof source === 'string' && source.includes(`:${peer}:`),
  },
  aws_db_instance_automated_backups_replication: {
    of: 'database backups',
    direction: 'in',
    applies: () => true,
  },
  aws_elasticache_replication_group: {
    of: 'cache',
    direction: 'in',
    applies: ({ global_replication_group_id: datastore }) => datastore !== undefined,
  },
  aws_s3_bucket_replication_configuration: { of: 'buckets', direction: 'out', applies: () => true },
  aws_ecr_replication_configuration: { of: 'images', direction: 'out', applies: () => true },
  aws_secretsmanager_secret: {
    of: 'secrets',
    direction: 'out',
    applies: ({ replica }) => replica !== undefined,
  },
};

/** What an environment is made of, read from its stacks as they are synthesized for a live plan. Asks nothing of AWS. */
export function topologyOf(environment: Environment, roles: Roles): Topology {
  const outdir = mkdtempSync(join(tmpdir(), 'tandem-graph-'));
  try {
    const stacks = synthesize([{ environment, roles, mode: 'live' }], outdir).map((stack) => ({
      ...stack,
      ...stackFile.parse(JSON.parse(readFileSync(stack.path, 'utf8'))),
    }));
    const idOf = (layer: string, region?: string): string | undefined =>
      stacks.find((stack) => stack.layer === layer && stack.region === region)?.name;
    return {
      environment: environment.name,
      regions: environment.regions.map((name) => ({ name, role: roles[name]?.role })),
      nodes: stacks.map(({ name, layer, region, resource: types }) => ({
        id: name,
        layer,
        ...(region !== undefined && { region }),
        resources: Object.values(types).reduce((sum, byId) => sum + Object.keys(byId).length, 0),
        copies: region === undefined ? Object.keys(types).flatMap((type) => replicators[type]?.of ?? []) : [],
      })),
      reads: stacks.flatMap((stack) =>
        Object.values(stack.data.terraform_remote_state).flatMap(({ config: { key, region } }) => {
          const [, global, layer = ''] = /^(global\/)?(.+)\.tfstate$/.exec(key) ?? [];
          const from = idOf(layer, global ? undefined : region);
          return from === undefined ? [] : [{ from, to: stack.name }];
        }),
      ),
      replications: replicationsOf(stacks, environment.regions, idOf),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function replicationsOf(
  stacks: readonly (SynthesizedStack & z.infer<typeof stackFile>)[],
  regions: readonly [string, string],
  idOf: (layer: string, region?: string) => string | undefined,
): readonly Replication[] {
  const found = new Map<string, { from: string; to: string; of: Set<string> }>();
  for (const { name, layer, region, resource: types } of stacks) {
    if (region === undefined) continue;
    const [first, second] = regions;
    const peer = region === first ? second : first;
    for (const [type, byId] of Object.entries(types)) {
      const replicator = replicators[type];
      if (!replicator || !Object.values(byId).some((each) => replicator.applies(each, peer))) continue;
      const other = idOf(layer, peer) ?? name;
      const [from, to] = replicator.direction === 'in' ? [other, name] : [name, other];
      const known = found.get(`${from} ${to}`) ?? { from, to, of: new Set() };
      found.set(`${from} ${to}`, { ...known, of: known.of.add(replicator.of) });
    }
  }
  return [...found.values()].map(({ of, ...ends }) => ({ ...ends, of: [...of].toSorted() }));
}
