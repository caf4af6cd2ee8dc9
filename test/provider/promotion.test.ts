import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { terraform } from '../../cli/terraform/terraform';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { dataOf, production, west } from '../synth/data-stacks';
import { bytesOf, newFolder } from '../synth/graph';
import { missing } from './missing';

jest.setTimeout(180_000);

const stores = ['aws_db_instance', 'aws_elasticache_replication_group'] as const;
const attributes = z.record(z.string(), z.unknown());
const stackFile = z.object({
  terraform: z.unknown(),
  provider: z.unknown(),
  resource: z.object({
    [stores[0]]: z.record(z.string(), attributes),
    [stores[1]]: z.record(z.string(), attributes),
  }),
});
const plan = z.object({
  resource_changes: z.array(
    z.object({
      type: z.enum(stores),
      name: z.string(),
      change: z.object({ actions: z.array(z.string()), after: attributes, after_unknown: attributes }),
    }),
  ),
});
const schemas = z.object({
  provider_schemas: z.record(
    z.string(),
    z.object({
      resource_schemas: z.looseObject(
        Object.fromEntries(
          stores.map((type) => [
            type,
            z.object({
              version: z.number(),
              block: z.object({
                attributes: z.record(
                  z.string(),
                  z.object({ type: z.unknown(), sensitive: z.boolean().optional() }),
                ),
              }),
            }),
          ]),
        ),
      ),
    }),
  ),
});

/** A folder with a stack's stores and nothing else: what they refer to is a constant, the same in state and configuration. */
async function storesOf(stack: SynthesizedStack) {
  const { terraform: settings, resource, provider } = stackFile.parse(JSON.parse(bytesOf(stack)));
  for (const declared of Object.values(resource).flatMap((byId) => Object.values(byId))) {
    delete declared.depends_on;
  }
  const main = JSON.stringify({ terraform: settings, provider, resource })
    .replaceAll(/\$\{aws_iam_role\.\w+\.arn\}/g, 'arn:aws:iam::111122223333:role/constant')
    .replaceAll(/\$\{[^}"]*\}/g, 'constant');
  const cwd = path.join(newFolder(), 'stores');
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, 'main.tf.json'), main);
  const run = (command: string, ...args: readonly string[]) =>
    terraform(cwd, [command, ...args], { accept: [0, 2] });
  await run('init', '-input=false');
  return { cwd, run };
}

/** What AWS would report of a promoted instance and of a cluster that is now the primary, beyond what was declared for it. */
const promoted = {
  aws_db_instance: {
    username: 'tandem',
    db_name: 'tandem',
    engine_version_actual: '17.6',
    password_wo_version: null,
    iops: 12_000,
    storage_throughput: 500,
  },
  aws_elasticache_replication_group: {
    engine: 'valkey',
    engine_version: '8.0',
    engine_version_actual: '8.0.1',
    node_type: production.environment.cache.nodeType,
    num_node_groups: production.environment.cache.shards,
    num_cache_clusters: production.environment.cache.shards * production.environment.cache.nodesPerShard,
    parameter_group_name: 'a-copy-by-elasticache',
    at_rest_encryption_enabled: 'true',
    transit_encryption_enabled: true,
    transit_encryption_mode: 'required',
    cluster_enabled: true,
  },
} as const;

/** The empty value of a type, as Terraform writes types in its schemas. */
function nothingOf(type: unknown): unknown {
  if (Array.isArray(type)) return type[0] === 'map' ? {} : [];
  return type === 'string' ? '' : null;
}

/** The state of the standby's stores after a promotion that Terraform did not make. Written by hand: nothing here ran on AWS. */
async function stateAfterPromotion({ run }: Awaited<ReturnType<typeof storesOf>>): Promise<string> {
  await run('plan', '-input=false', '-out=plan');
  const { resource_changes: planned } = plan.parse(JSON.parse((await run('show', '-json', 'plan')).stdout));
  const [schema] = Object.values(
    schemas.parse(JSON.parse((await run('providers', 'schema', '-json')).stdout)).provider_schemas,
  );
  const resources = planned.map(({ type, name, change: { after, after_unknown: unknown } }) => {
    const { version = 0, block } = schema?.resource_schemas[type] ?? {};
    const types = block?.attributes ?? {};
    const computed = Object.entries(unknown)
      .filter(([, isUnknown]) => isUnknown === true)
      .map(([key]): [string, unknown] => [key, nothingOf(types[key]?.type)]);
    // A read replica stays one; its key is its source's.
    const isMain = after.multi_az === true;
    const own: Record<string, unknown> = {
      ...after,
      ...Object.fromEntries(computed),
      tags_all: after.tags,
      id: name,
      ...promoted[type],
      ...(type === 'aws_db_instance' && isMain && { replicate_source_db: '' }),
    };
    const sensitive = Object.keys(types).filter((key) => types[key]?.sensitive);
    return {
      mode: 'managed',
      type,
      name,
      provider: 'provider["registry.terraform.io/hashicorp/aws"]',
      instances: [
        {
          schema_version: version,
          attributes: own,
          sensitive_attributes: sensitive.map((value) => [{ type: 'get_attr', value }]),
        },
      ],
    };
  });
  expect(resources).toHaveLength(4);
  return JSON.stringify({ version: 4, serial: 1, lineage: 'promotion', outputs: {}, resources });
}

const lack = missing();
const title = 'the real AWS provider, after a promotion that Terraform did not make';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  let state: string;
  beforeAll(async () => {
    state = await stateAfterPromotion(await storesOf(dataOf(production, west, 'standby')));
  });

  const planned = async (role: 'active' | 'standby') => {
    const { cwd, run } = await storesOf(dataOf(production, west, role));
    writeFileSync(path.join(cwd, 'terraform.tfstate'), state);
    return run('plan', '-no-color', '-input=false', '-refresh=false', '-detailed-exitcode');
  };

  it('plans no changes to the stores, once the region is declared active', async () => {
    const { exitCode, stdout } = await planned('active');
    expect(stdout).toContain('No changes.');
    expect(exitCode).toBe(0);
  });

  it('wants the replica back, as long as it is declared a standby', async () => {
    const { exitCode, stdout } = await planned('standby');
    expect(stdout).toMatch(/\+ replicate_source_db += "arn:aws:rds:us-east-1:/);
    expect(stdout).toContain('Plan: 0 to add, 1 to change, 0 to destroy.');
    expect(exitCode).toBe(2);
  });
});
