import { z } from 'zod';
import { edited } from '../unit/environments-fixture';
import { everyDeployment } from './graph';
import { invariants } from './invariants';
import { bothWays, graphOf, type Declared, type Graph } from './resources';

const graphs = everyDeployment
  .filter(({ environment }) => environment.target === 'aws')
  .flatMap(bothWays)
  .flatMap((deployment) => [
    graphOf({ ...deployment, mode: 'offline' }),
    graphOf({ ...deployment, mode: 'live' }),
  ]);

describe.each(
  graphs.map((graph) => {
    const { environment, roles, mode } = graph.deployment;
    const active = environment.regions.find((region) => roles[region]?.role === 'active') ?? '';
    return { graph, title: `${environment.name} ${mode}, ${active} active` };
  }),
)('$title', ({ graph }) => {
  it.each(Object.entries(invariants))('%s', (_, violations) => {
    expect(violations(graph)).toEqual([]);
  });
});

const statement = (more: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] });

it('no two environments share a name or a network', () => {
  const [first, ...others] = graphs.filter(
    ({ deployment: { environment, mode, roles } }) =>
      mode === 'offline' && roles[environment.regions[0]]?.role === 'active',
  );
  if (!first) throw new TypeError('no environment');
  const all = { ...first, resources: [first, ...others].flatMap(({ resources }) => resources) };
  expect(others.length).toBeGreaterThan(1);
  expect(invariants['names no two things of a kind alike'](all)).toEqual([]);
  expect(invariants['overlaps no network with another'](all)).toEqual([]);
});

type Mistake = readonly [where: string, value: unknown];

/** One thing changed in what is declared, at `<type>.<id> <path>` (of the last region, or of the one that it names), and the invariant that has to notice. */
const mistakes: Readonly<Record<keyof typeof invariants, readonly Mistake[]>> = {
  'has for every store the twin in the other region': [
    ['aws_db_instance.postgres_g1 identifier', 'another'],
    ['aws_dynamodb_table.locks id', 'another'],
    ['aws_elasticache_replication_group.cache global_replication_group_id', undefined],
    ['aws_s3_bucket.content_us_west_2 id', 'content_us_east_1_too'],
  ],
  'writes to database and cache in the active region alone': [
    ['aws_db_instance.postgres_g2 replicate_source_db', undefined],
    ['aws_elasticache_replication_group.cache global_replication_group_id', undefined],
  ],
  'looks nothing up but other layers’ state, in a region only its own': [
    ['terraform_remote_state.state_us_east_1_network config.region', 'us-west-2'],
    ['terraform_remote_state.state_us_east_1_network type', 'aws_caller_identity'],
  ],
  'touches from a region’s stack that region alone': [['aws_vpc.vpc region', 'us-east-1']],
  'overlaps no network with another': [
    ['aws_vpc.vpc cidr_block', '10.0.0.0/8'],
    ['aws_subnet.private_b cidr_block', '10.4.0.0/16'],
  ],
  'encrypts everything at rest with a key of its own': [
    ['aws_cloudwatch_log_group.flow_logs kms_key_id', undefined],
    ['aws_db_instance.postgres_g1 storage_encrypted', false],
    ['aws_db_instance.postgres_g2 kms_key_id', undefined],
    ['aws_dynamodb_table.locks server_side_encryption', undefined],
    ['aws_ecr_repository.repository encryption_configuration', undefined],
    ['aws_eks_cluster.cluster encryption_config', undefined],
    ['aws_elasticache_replication_group.cache in us-east-1 transit_encryption_enabled', false],
    ['aws_elasticache_replication_group.cache kms_key_id', undefined],
    ['aws_kms_key.data enable_key_rotation', false],
    ['aws_launch_template.nodes_template block_device_mappings', undefined],
    ['aws_s3_bucket_server_side_encryption_configuration.state_encryption rule', []],
    ['aws_secretsmanager_secret.database_secret kms_key_id', undefined],
    ['aws_sns_topic.alarms kms_master_key_id', undefined],
  ],
  'keeps log groups for the environment’s days': [
    ['aws_cloudwatch_log_group.flow_logs retention_in_days', 0],
  ],
  'lets AWS delete nothing stateful of a protected environment': [
    ['aws_db_instance.postgres_g2 deletion_protection', false],
    ['aws_db_instance.postgres_g1 skip_final_snapshot', true],
    ['aws_dynamodb_table.locks deletion_protection_enabled', false],
    ['aws_ecr_repository.repository force_delete', true],
    ['aws_elasticache_replication_group.cache in us-east-1 final_snapshot_identifier', undefined],
    ['aws_lb.load_balancer enable_deletion_protection', false],
    ['aws_s3_bucket.state_bucket force_destroy', true],
  ],
  'lets Terraform destroy nothing stateful of a protected environment, and all of another': [
    ['aws_db_instance.postgres_g2 lifecycle.prevent_destroy', false],
    ['aws_route53_zone.zone lifecycle', undefined],
  ],
  'has private buckets only: no public access, TLS only, owned, versioned, with a lifecycle': [
    ['aws_s3_bucket_public_access_block.state_public_access_block restrict_public_buckets', false],
    ['aws_s3_bucket_ownership_controls.state_ownership rule', {}],
    ['aws_s3_bucket_versioning.state_versioning versioning_configuration.status', 'Suspended'],
    ['aws_s3_bucket_lifecycle_configuration.state_lifecycle bucket', 'another'],
    ['aws_s3_bucket_policy.state_policy policy', statement({ Principal: '*', Action: 's3:*' })],
  ],
  'allows actions on * only where AWS knows no other resource, or where the reason is listed': [
    ['aws_iam_role_policy.flow_logs_permission policy', statement({ Action: 'logs:*', Resource: '*' })],
    [
      'aws_iam_role_policy.flow_logs_permission policy',
      statement({ Action: 'logs:PutLogEvents', Resource: 'arn:aws:logs:us-east-1:111122223333:*' }),
    ],
    [
      'aws_iam_role_policy.flow_logs_permission policy',
      statement({ NotAction: 'iam:*', Resource: 'arn:aws:logs:us-east-1:111122223333:log-group:one' }),
    ],
  ],
  'opens no resource policy to everybody without a condition': [
    ['aws_kms_key.data policy', statement({ Principal: { AWS: '*' }, Action: 'kms:Decrypt', Resource: '*' })],
  ],
  'opens security groups to the world on 443 of a public load balancer alone': [
    ['aws_vpc_security_group_ingress_rule.https_from_anywhere from_port', 80],
    ['aws_vpc_security_group_ingress_rule.endpoints_https cidr_ipv4', '0.0.0.0/0'],
    ['aws_lb.load_balancer internal', true],
  ],
  'gives every name that AWS would otherwise make up, and one that AWS takes': [
    ['aws_lb.load_balancer name', 'a-name-of-more-than-thirty-two-characters'],
    ['aws_iam_role.flow_logs_role name', undefined],
  ],
  'names no two things of a kind alike': [
    ['aws_s3_bucket.state_bucket bucket', 'tandem-production-us-east-1-state-111122223333'],
  ],
  'has no role in a name': [['aws_iam_role.flow_logs_role name', 'tandem-production-active-flow-logs']],
  'names what a rebuild replaces by its generation': [
    ['aws_db_instance.postgres_g2 identifier', 'tandem-production-us-west-2-postgres-g1'],
  ],
  'tags whatever has tags with its environment, layer and name': [['aws_vpc.vpc tags', { Name: 'vpc' }]],
};

const [graph] = graphs.filter(
  ({ deployment: { environment, mode } }) => environment.name === 'production' && mode === 'live',
);

describe.each(Object.entries(mistakes))('the invariant that it %s', (sentence, changes) => {
  it.each(changes)('notices a change of %s', (where, value) => {
    const [, type = '', id = '', region, at = ''] = /^(\w+)\.(\w+)(?: in (\S+))? (.+)$/.exec(where) ?? [];
    const violations = Object.entries(invariants).find(([name]) => name === sentence)?.[1];
    if (!graph || !violations) throw new TypeError('nothing to change');
    const change = (all: readonly Declared[]): readonly Declared[] => {
      const index = all.findLastIndex(
        (each) => each.type === type && each.id === id && each.region === (region ?? each.region),
      );
      return all.map((each, position) => (position === index ? changed(each, at, value) : each));
    };
    const broken: Graph = { ...graph, resources: change(graph.resources), data: change(graph.data) };
    expect(broken).not.toEqual(graph);
    expect(violations(broken)).not.toEqual(violations(graph));
  });
});

/** @param at a path in the attributes, or what is no attribute: `type`, `id` or `region` */
function changed(resource: Declared, at: string, value: unknown): Declared {
  if (at === 'type' || at === 'id' || at === 'region') return { ...resource, [at]: String(value) };
  const attributes = z.record(z.string(), z.unknown()).parse(edited(resource.attributes, at, value));
  return { ...resource, attributes };
}
