/** What holds something that can't be made again by applying once more, by Terraform's types. */
const types: readonly string[] = [
  'aws_db_instance',
  'aws_dynamodb_table',
  'aws_ecr_repository',
  'aws_eks_cluster',
  'aws_elasticache_global_replication_group',
  'aws_elasticache_replication_group',
  'aws_kms_key',
  'aws_s3_bucket',
  'aws_secretsmanager_secret',
];

/**
 * Whether a resource holds what is lost with it: data, keys, and a public zone, whose name servers its parent delegates to. A
 * private zone has no parent.
 * @param attributes as declared, or as Terraform's state has them, where a public zone's `vpc` is an empty list
 */
export function isStateful(type: string, attributes: Readonly<Record<string, unknown>>): boolean {
  if (type !== 'aws_route53_zone') return types.includes(type);
  const { vpc } = attributes;
  return vpc === undefined || (Array.isArray(vpc) && vpc.length === 0);
}
