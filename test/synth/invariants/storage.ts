import { isStateful } from '../../../modules/stateful';
import { at, refersTo, statementsOf, type Declared, type Graph } from '../resources';
import { bucketsWithoutOwnKey } from './exceptions';

type Rule = (resource: Declared, graph: Graph) => boolean;

const has =
  (path: string): Rule =>
  ({ attributes }) =>
    at(attributes, path) !== undefined;
const is =
  (path: string, value: unknown): Rule =>
  ({ attributes }) =>
    String(at(attributes, path)) === String(value);
const all =
  (...rules: readonly Rule[]): Rule =>
  (resource, graph) =>
    rules.every((rule) => rule(resource, graph));

/** Whether it copies another of its own region or datastore, which decides what encrypts it. */
const isCopy: Rule = ({ attributes, region }) =>
  at(attributes, 'global_replication_group_id') !== undefined ||
  (typeof attributes.replicate_source_db === 'string' &&
    !/^arn:aws:rds:(?!REGION)/.test(attributes.replicate_source_db.replace(region, 'REGION')));

/** What makes each kind of stored data unreadable without a key of ours. */
const encryption: Readonly<Record<string, Rule>> = {
  aws_cloudwatch_log_group: has('kms_key_id'),
  aws_db_instance: all(
    is('storage_encrypted', true),
    (resource, graph) => isCopy(resource, graph) || has('kms_key_id')(resource, graph),
    has('performance_insights_kms_key_id'),
  ),
  aws_dynamodb_table: all(
    is('server_side_encryption.enabled', true),
    has('server_side_encryption.kms_key_arn'),
  ),
  aws_ecr_repository: all(
    is('encryption_configuration.encryption_type', 'KMS'),
    has('encryption_configuration.kms_key'),
  ),
  aws_eks_cluster: has('encryption_config.provider.key_arn'),
  aws_elasticache_replication_group: all(
    has('kms_key_id'),
    // A copy takes these two from its Global Datastore, and AWS refuses to be told.
    (resource, graph) =>
      isCopy(resource, graph) ||
      all(is('at_rest_encryption_enabled', true), is('transit_encryption_enabled', true))(resource, graph),
  ),
  aws_kms_key: is('enable_key_rotation', true),
  aws_launch_template: all(
    is('block_device_mappings.ebs.encrypted', true),
    has('block_device_mappings.ebs.kms_key_id'),
  ),
  aws_s3_bucket: (bucket, graph) =>
    aroundBucket(bucket, graph, 'aws_s3_bucket_server_side_encryption_configuration').some(
      ({ attributes }) => {
        const rule = 'rule.apply_server_side_encryption_by_default';
        const ownKey =
          at(attributes, `${rule}.sse_algorithm`) === 'aws:kms' &&
          at(attributes, `${rule}.kms_master_key_id`) !== undefined;
        return ownKey || bucket.id in bucketsWithoutOwnKey;
      },
    ),
  aws_secretsmanager_secret: all(
    has('kms_key_id'),
    (resource, graph) => !has('replica')(resource, graph) || has('replica.kms_key_id')(resource, graph),
  ),
  aws_sns_topic: has('kms_master_key_id'),
};

/** What keeps AWS itself from deleting a resource, or leaves a copy behind, where there is such a thing. */
const protection: Readonly<Record<string, Rule>> = {
  aws_db_instance: all(
    is('deletion_protection', true),
    (resource, graph) =>
      isCopy(resource, graph) ||
      (is('skip_final_snapshot', false)(resource, graph) &&
        has('final_snapshot_identifier')(resource, graph)),
  ),
  aws_dynamodb_table: all(
    is('deletion_protection_enabled', true),
    is('point_in_time_recovery.enabled', true),
  ),
  aws_ecr_repository: (resource, graph) => !is('force_delete', true)(resource, graph),
  aws_elasticache_replication_group: (resource, graph) =>
    isCopy(resource, graph) || has('final_snapshot_identifier')(resource, graph),
  aws_lb: is('enable_deletion_protection', true),
  aws_s3_bucket: (resource, graph) => !is('force_destroy', true)(resource, graph),
};

/** Kept in every environment: without them nothing of it can be planned, or acted on by a workflow. */
const alwaysKept: readonly string[] = ['state', 'state-backup', 'identity'];

const broken =
  (rules: Readonly<Record<string, Rule>>) =>
  (graph: Graph): readonly string[] =>
    graph.resources.filter((each) => rules[each.type]?.(each, graph) === false).map(({ address }) => address);

const isProtected = ({ environment }: Graph['deployment']): boolean =>
  environment.target === 'aws' && environment.protected;

export const storageInvariants = {
  'encrypts everything at rest with a key of its own': broken(encryption),

  'keeps log groups for the environment’s days': ({ resources, deployment: { environment } }: Graph) =>
    resources
      .filter(({ type }) => type === 'aws_cloudwatch_log_group')
      .filter(
        ({ attributes }) =>
          environment.target !== 'aws' || attributes.retention_in_days !== environment.logRetentionDays,
      )
      .map(({ address }) => address),

  'lets AWS delete nothing stateful of a protected environment': (graph: Graph) =>
    isProtected(graph.deployment) ? broken(protection)(graph) : [],

  'lets Terraform destroy nothing stateful of a protected environment, and all of another': (graph: Graph) =>
    graph.resources
      .filter(({ type, layer, attributes }) => {
        const kept = at(attributes, 'lifecycle.prevent_destroy') === true;
        return isProtected(graph.deployment)
          ? isStateful(type, attributes) && !kept
          : kept && !alwaysKept.includes(layer);
      })
      .map(({ address }) => address),

  'has private buckets only: no public access, TLS only, owned, versioned, with a lifecycle': (
    graph: Graph,
  ) =>
    graph.resources
      .filter(({ type }) => type === 'aws_s3_bucket')
      .flatMap((bucket) => {
        const around = (kind: string) => aroundBucket(bucket, graph, `aws_s3_bucket_${kind}`);
        const closed = [
          'block_public_acls',
          'block_public_policy',
          'ignore_public_acls',
          'restrict_public_buckets',
        ];
        const missing = {
          'public access block': !around('public_access_block').some(({ attributes }) =>
            closed.every((each) => attributes[each] === true),
          ),
          ownership: !around('ownership_controls').some(
            ({ attributes }) => at(attributes, 'rule.object_ownership') === 'BucketOwnerEnforced',
          ),
          versioning: !around('versioning').some(
            ({ attributes }) => at(attributes, 'versioning_configuration.status') === 'Enabled',
          ),
          lifecycle: around('lifecycle_configuration').length === 0,
          'TLS only': !around('policy').some(({ attributes }) =>
            statementsOf(attributes.policy).some(
              ({ Effect, Principal, Action, Condition }) =>
                Effect === 'Deny' &&
                Principal === '*' &&
                Action?.includes('s3:*') === true &&
                Condition?.Bool?.['aws:SecureTransport'] === 'false',
            ),
          ),
        };
        return Object.entries(missing).flatMap(([what, lacks]) =>
          lacks ? [`${bucket.address}: ${what}`] : [],
        );
      }),
};

/** The resources of a type that are about a bucket, which they name or refer to. */
function aroundBucket(bucket: Declared, { resources }: Graph, type: string): readonly Declared[] {
  return resources.filter(
    (each) =>
      each.type === type &&
      (refersTo(each, bucket, 'bucket') ||
        (each.stack === bucket.stack && each.attributes.bucket === bucket.attributes.bucket)),
  );
}
