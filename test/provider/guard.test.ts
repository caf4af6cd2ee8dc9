import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { refusalsIn } from '../../cli/terraform/guard';
import { isProtection, refuseUnprotected } from '../../cli/terraform/protection';
import { terraform } from '../../cli/terraform/terraform';
import { TandemError } from '../../lib/errors';
import { isStateful } from '../../modules/stateful';
import { awsDeployments, bytesOf, newFolder, stackOf } from '../synth/graph';
import { missing } from './missing';

jest.setTimeout(600_000);

type Attributes = Readonly<Record<string, unknown>>;
type Edit = readonly [attribute: string, edited: (declared: Attributes) => Attributes];

const to =
  (attribute: string, value: unknown) =>
  (declared: Attributes): Attributes => ({ ...declared, [attribute]: value });
const set = (attribute: string, value: unknown): Edit => [attribute, to(attribute, value)];
const arn = 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-00000000000f';

/** What makes the real provider replace a resource, by type; of a copy and a primary where they differ. */
const edits: Readonly<Record<string, readonly Edit[]>> = {
  'aws_db_instance primary': [
    set('engine', 'mysql'),
    set('kms_key_id', arn),
    set('storage_encrypted', false),
    set('username', 'another'),
    set('db_name', 'another'),
    // As the region is declared once it is a standby.
    [
      'replicate_source_db',
      (declared) => ({
        ...declared,
        username: undefined,
        db_name: undefined,
        password_wo: undefined,
        password_wo_version: undefined,
        replicate_source_db: 'arn:aws:rds:us-west-2:111122223333:db:another',
      }),
    ],
  ],
  'aws_db_instance copy': [
    set('kms_key_id', arn),
    set('storage_encrypted', false),
    set('replicate_source_db', 'arn:aws:rds:us-west-2:111122223333:db:another'),
    set('replicate_source_db', undefined),
  ],
  aws_dynamodb_table: [
    set('name', 'another-table'),
    ['hash_key', (table) => ({ ...table, hash_key: 'Another', attribute: [{ name: 'Another', type: 'S' }] })],
  ],
  aws_ecr_repository: [
    set('name', 'another'),
    set('encryption_configuration', { encryption_type: 'AES256' }),
  ],
  aws_eks_cluster: [
    set('name', 'another'),
    set('role_arn', 'arn:aws:iam::111122223333:role/another'),
    set('kubernetes_network_config', { service_ipv4_cidr: '172.21.0.0/16' }),
    set('bootstrap_self_managed_addons', true),
  ],
  'aws_elasticache_replication_group primary': [
    set('replication_group_id', 'another'),
    set('subnet_group_name', 'another'),
    set('kms_key_id', arn),
    set('port', 6380),
    set('at_rest_encryption_enabled', 'false'),
  ],
  'aws_elasticache_replication_group copy': [
    set('replication_group_id', 'another'),
    set('subnet_group_name', 'another'),
    set('kms_key_id', arn),
    set('port', 6380),
    set('global_replication_group_id', 'ldgnf-another'),
  ],
  aws_elasticache_global_replication_group: [set('global_replication_group_id_suffix', 'another')],
  aws_kms_key: [set('multi_region', true), set('customer_master_key_spec', 'RSA_2048')],
  aws_route53_zone: [set('name', 'another.example')],
  aws_s3_bucket: [set('bucket', 'another-bucket-of-ours'), set('object_lock_enabled', true)],
  aws_secretsmanager_secret: [set('name', 'another')],
};

interface Stored {
  readonly type: string;
  readonly name: string;
  readonly declared: Attributes;
}

/** Which list of edits a resource has. */
function kindOf({ type, declared }: Stored): string {
  if (!['aws_db_instance', 'aws_elasticache_replication_group'].includes(type)) return type;
  const copies = declared.replicate_source_db ?? declared.global_replication_group_id;
  return `${type} ${copies === undefined ? 'primary' : 'copy'}`;
}

const attributes = z.record(z.string(), z.unknown());
const stackFile = z.object({
  terraform: z.object({ required_providers: z.unknown(), required_version: z.unknown() }),
  provider: z.object({ aws: z.array(attributes) }),
  resource: z.record(z.string(), z.record(z.string(), attributes)).default({}),
});

/** Staging's, which is shaped as production and not protected, so that nothing but the guard is asked. */
function stored() {
  const [deployment] = awsDeployments.filter(({ environment }) => environment.name === 'staging');
  if (!deployment) {
    throw new TandemError('EnvironmentUnknown', {
      found: 'no staging',
      expected: 'staging on AWS',
      next: 'compare environments/',
    });
  }
  const [east, west] = deployment.environment.regions;
  const stacks = [
    ...['state', 'network', 'keys', 'data', 'cluster'].map((layer) => stackOf(deployment, layer, east)),
    stackOf(deployment, 'data', west),
    stackOf(deployment, 'traffic'),
  ].map((stack) => ({ stack, ...stackFile.parse(JSON.parse(bytesOf(stack))) }));
  const resources = stacks.flatMap(({ stack, resource }) =>
    Object.entries(resource).flatMap(([type, named]) =>
      Object.entries(named)
        .filter(([, declared]) => isStateful(type, declared))
        .map(([name, declared]): Stored => {
          const constant = JSON.stringify({ ...declared, depends_on: undefined, provider: undefined })
            .replaceAll(/\$\{[^}"]*\barn\}/g, 'arn:aws:iam::111122223333:role/constant')
            .replaceAll(/\$\{[^}"]*\}/g, 'constant')
            .replaceAll('"prevent_destroy":true', '"prevent_destroy":false');
          const region = stack.region === west ? '_west' : '';
          return { type, name: `${name}${region}`, declared: attributes.parse(JSON.parse(constant)) };
        }),
    ),
  );
  const [first] = stacks;
  return { resources, settings: first?.terraform, provider: first?.provider.aws[0] };
}

/** The kind of a collection, as Terraform writes types in its schemas; undefined for a text, number or truth value. */
const wordOf = (type: unknown) => (Array.isArray(type) ? String(type[0]) : undefined);
const schemaFile = z.object({
  provider_schemas: z.record(
    z.string(),
    z.object({
      resource_schemas: z.record(
        z.string(),
        z.object({
          version: z.number(),
          block: z.object({
            attributes: z.record(z.string(), z.object({ type: z.unknown().transform(wordOf) })).default({}),
          }),
        }),
      ),
    }),
  ),
});
const planFile = z.object({
  resource_changes: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      change: z.object({ after: attributes, after_unknown: attributes }),
    }),
  ),
});

const lack = missing();
const title = 'edits of stateful resources, planned by the real AWS provider';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const { resources, settings, provider } = stored();
  const cwd = path.join(newFolder(), 'guard');
  const byType = (of: readonly Stored[]) =>
    Object.fromEntries(
      [...new Set(of.map(({ type }) => type))].map((type) => [
        type,
        Object.fromEntries(
          of.filter((each) => each.type === type).map(({ name, declared }) => [name, declared]),
        ),
      ]),
    );
  const declare = (declared: readonly Stored[]): string => {
    const resource = declared.length > 0 && { resource: byType(declared) };
    const whole = { terraform: settings, provider: { aws: provider }, ...resource };
    const file = path.join(cwd, 'main.tf.json');
    writeFileSync(file, JSON.stringify(whole));
    return file;
  };
  const planOf = async (declared: readonly Stored[]): Promise<unknown> => {
    declare(declared);
    await terraform(cwd, ['plan', '-input=false', '-refresh=false', '-out=plan']);
    return JSON.parse((await terraform(cwd, ['show', '-json', 'plan'])).stdout);
  };

  // As if all were applied: what the provider planned to create, with an id. Written by hand, nothing here ran on AWS.
  beforeAll(async () => {
    mkdirSync(cwd);
    declare([]);
    await terraform(cwd, ['init', '-input=false']);
    const { stdout } = await terraform(cwd, ['providers', 'schema', '-json']);
    const [{ resource_schemas: schemas } = { resource_schemas: {} }] = Object.values(
      schemaFile.parse(JSON.parse(stdout)).provider_schemas,
    );
    const planned = planFile.parse(await planOf(resources)).resource_changes;
    const state = planned.map(({ type, name, change: { after, after_unknown: unknown } }) => {
      const { version, block } = schemas[type] ?? { version: 0, block: { attributes: {} } };
      // What the provider will know only later is there and empty.
      const computed = Object.keys(unknown).flatMap((key) => {
        const kind = block.attributes[key]?.type;
        return kind === undefined ? [] : [[key, kind === 'map' ? {} : []] as const];
      });
      const known = { ...Object.fromEntries(computed), ...after, id: name, tags_all: after.tags };
      const managed = 'provider["registry.terraform.io/hashicorp/aws"]';
      const instances = [{ schema_version: version, attributes: known }];
      return { mode: 'managed', type, name, provider: managed, instances };
    });
    const file = { version: 4, serial: 1, lineage: 'guard', outputs: {}, resources: state };
    writeFileSync(path.join(cwd, 'terraform.tfstate'), JSON.stringify(file));
  });

  it('covers every kind that there is', () => {
    expect([...new Set(resources.map(kindOf))].toSorted()).toEqual(Object.keys(edits).toSorted());
  });

  it('passes all of them as they are', async () => {
    expect(refusalsIn(await planOf(resources))).toEqual([]);
  });

  const rounds = Math.max(...Object.values(edits).map(({ length }) => length));
  it.each(Array.from({ length: rounds }, (_, round) => round))(
    'refuses the edits number %i of every resource, each by its address and attribute',
    async (round) => {
      const edited = resources.flatMap((each) => {
        const [attribute, edit] = edits[kindOf(each)]?.[round] ?? [];
        return attribute === undefined || edit === undefined
          ? []
          : [{ ...each, attribute, declared: edit(each.declared) }];
      });
      const untouched = resources.filter(
        ({ type, name }) => !edited.some((each) => each.type === type && each.name === name),
      );
      const refused = refusalsIn(await planOf([...edited, ...untouched]));
      const found = refused.map(({ address, reason }) => {
        const { attribute } = edited.find(({ type, name }) => `${type}.${name}` === address) ?? {};
        return [address, attribute !== undefined && reason.includes(attribute)];
      });
      expect(found.toSorted()).toEqual(edited.map(({ type, name }) => [`${type}.${name}`, true]).toSorted());
    },
  );

  it('refuses the end of each of them', async () => {
    const refused = refusalsIn(await planOf([])).map(({ address }) => address);
    expect(refused.toSorted()).toEqual(resources.map(({ type, name }) => `${type}.${name}`).toSorted());
  });

  it('says the same of what Terraform protects, where Terraform says no more than that it does', async () => {
    const lifecycle = { prevent_destroy: true };
    const [attribute, edit] = ['storage_encrypted', to('storage_encrypted', false)];
    const databases = resources.filter(({ type }) => type === 'aws_db_instance');
    const stack = {
      name: 'protected',
      environment: 'staging',
      layer: 'data',
      path: declare(
        resources.map((each) => ({
          ...each,
          declared: { ...(databases.includes(each) ? edit(each.declared) : each.declared), lifecycle },
        })),
      ),
    };
    const before = readFileSync(stack.path);
    const file = path.join(cwd, 'refused');
    const args = [
      'plan',
      '-json',
      '-input=false',
      '-refresh=false',
      '-detailed-exitcode',
      `-out=${file}`,
    ] as const;
    const output = await terraform(cwd, args, { accept: [1] });
    expect(isProtection(output)).toBe(true);
    const refused = refuseUnprotected(stack, args, file, new AbortController().signal);
    await expect(refused).rejects.toHaveProperty('code', 'GuardRefused');
    for (const { name } of databases) {
      await expect(refused).rejects.toThrow(
        `protected: aws_db_instance.${name} would be replaced, because ${attribute} changes`,
      );
    }
    expect(readFileSync(stack.path)).toEqual(before);
    expect(existsSync(file)).toBe(false);
  });
});
