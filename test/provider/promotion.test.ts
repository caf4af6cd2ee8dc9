import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { dataOf, production, west } from '../synth/data-stacks';
import { bytesOf, newFolder } from '../synth/graph';

jest.setTimeout(180_000);

const { TF_PLUGIN_MIRROR: mirror, TF_CLI_CONFIG_FILE: cliConfig } = process.env;

/** What this lane lacks, and how to get it; undefined when it can run. */
function missing(): string | undefined {
  if (spawnSync('terraform', ['version']).error) return 'no terraform on PATH: install 1.11 or later';
  if (mirror ? existsSync(mirror) : cliConfig && existsSync(cliConfig)) return undefined;
  return 'no AWS provider: set TF_PLUGIN_MIRROR to a mirror folder, or TF_CLI_CONFIG_FILE to a file that names one';
}

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
function storesOf(stack: SynthesizedStack) {
  const { terraform, resource, provider } = stackFile.parse(JSON.parse(bytesOf(stack)));
  for (const declared of Object.values(resource).flatMap((byId) => Object.values(byId))) {
    delete declared.depends_on;
  }
  const main = JSON.stringify({ terraform, provider, resource })
    .replaceAll(/\$\{aws_iam_role\.\w+\.arn\}/g, 'arn:aws:iam::111122223333:role/constant')
    .replaceAll(/\$\{[^}"]*\}/g, 'constant');
  const cwd = path.join(newFolder(), 'stores');
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, 'main.tf.json'), main);
  const run = (...args: string[]) =>
    spawnSync('terraform', args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(run('init', '-input=false', ...(mirror ? [`-plugin-dir=${mirror}`] : []))).toMatchObject({
    status: 0,
  });
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
function stateAfterPromotion({ run }: ReturnType<typeof storesOf>): string {
  expect(run('plan', '-input=false', '-out=plan')).toMatchObject({ status: 0 });
  const { resource_changes: planned } = plan.parse(JSON.parse(run('show', '-json', 'plan').stdout));
  const [schema] = Object.values(
    schemas.parse(JSON.parse(run('providers', 'schema', '-json').stdout)).provider_schemas,
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
  beforeAll(() => {
    state = stateAfterPromotion(storesOf(dataOf(production, west, 'standby')));
  });

  const planned = (role: 'active' | 'standby') => {
    const { cwd, run } = storesOf(dataOf(production, west, role));
    writeFileSync(path.join(cwd, 'terraform.tfstate'), state);
    return run('plan', '-no-color', '-input=false', '-refresh=false', '-detailed-exitcode');
  };

  it('plans no changes to the stores, once the region is declared active', () => {
    const { status, stdout } = planned('active');
    expect(stdout).toContain('No changes.');
    expect(status).toBe(0);
  });

  it('wants the replica back, as long as it is declared a standby', () => {
    const { status, stdout } = planned('standby');
    expect(stdout).toMatch(/\+ replicate_source_db += "arn:aws:rds:us-east-1:/);
    expect(stdout).toContain('Plan: 0 to add, 1 to change, 0 to destroy.');
    expect(status).toBe(2);
  });
});
