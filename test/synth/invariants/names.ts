import { type NameKind, nameRules, roleWords } from '../../../lib/names';
import type { Declared, Graph } from '../resources';

/** Which attribute holds the name that AWS checks, by type, and which of our kinds it is. */
const named: Readonly<Record<string, readonly [attribute: string, kind: NameKind]>> = {
  aws_cloudwatch_log_group: ['name', 'logGroup'],
  aws_cloudwatch_metric_alarm: ['alarm_name', 'alarm'],
  aws_db_instance: ['identifier', 'rdsInstance'],
  aws_db_subnet_group: ['name', 'rdsSubnetGroup'],
  aws_dynamodb_table: ['name', 'dynamodbTable'],
  aws_ecr_repository: ['name', 'ecrRepository'],
  aws_eks_cluster: ['name', 'eksCluster'],
  aws_elasticache_replication_group: ['replication_group_id', 'elasticacheReplicationGroup'],
  aws_elasticache_subnet_group: ['name', 'elasticacheSubnetGroup'],
  aws_iam_role: ['name', 'iamRole'],
  aws_lb: ['name', 'loadBalancer'],
  aws_lb_target_group: ['name', 'targetGroup'],
  aws_s3_bucket: ['bucket', 's3Bucket'],
  aws_secretsmanager_secret: ['name', 'secret'],
  aws_security_group: ['name', 'securityGroup'],
};

/** Stores that a rebuild replaces by those of the next generation. */
const generational: readonly string[] = ['aws_db_instance'];

function nameOf({ type, attributes }: Declared): string | undefined {
  const attribute = named[type]?.[0];
  const name = attribute === undefined ? undefined : attributes[attribute];
  return typeof name === 'string' ? name : undefined;
}

export const nameInvariants = {
  'gives every name that AWS would otherwise make up, and one that AWS takes': ({ resources }: Graph) =>
    resources.flatMap((resource) => {
      const rule = named[resource.type];
      if (!rule) return [];
      const name = nameOf(resource);
      const { max, pattern } = nameRules[rule[1]];
      const fits = name !== undefined && name.length <= max && pattern.test(name);
      return fits ? [] : [`${resource.address}: ${name ?? 'no name'}`];
    }),

  'names no two things of a kind alike': ({ resources }: Graph) => {
    const seen = new Map<string, string>();
    return resources.flatMap((resource) => {
      const name = nameOf(resource);
      if (name === undefined) return [];
      // IAM's and S3's names are shared by all regions.
      const key = ['aws_iam_role', 'aws_s3_bucket'].includes(resource.type)
        ? `${resource.type} ${name}`
        : `${resource.type} ${resource.region} ${name}`;
      const other = seen.get(key);
      seen.set(key, resource.address);
      return other === undefined ? [] : [`${resource.address} and ${other}: ${name}`];
    });
  },

  'has no role in a name': ({ resources }: Graph) =>
    resources
      .filter((resource) =>
        [resource.id, nameOf(resource) ?? '']
          .join('-')
          .split(/[-_./]/)
          .some((word) => roleWords.includes(word)),
      )
      .map(({ address }) => address),

  'names what a rebuild replaces by its generation': ({ resources, deployment: { roles } }: Graph) =>
    resources
      .filter(({ type }) => generational.includes(type))
      // A name that would be too long ends in a hash of all its parts.
      .filter(
        (each) =>
          !new RegExp(`-g${roles[each.region]?.generation ?? '?'}$|-[0-9a-f]{8}$`).test(nameOf(each) ?? ''),
      )
      .map(({ address }) => address),

  'tags whatever has tags with its environment, layer and name': ({
    resources,
    deployment: { environment },
  }: Graph) =>
    resources
      .filter(({ attributes: { tags } }) => tags !== undefined)
      .filter(({ layer, attributes: { tags } }) => {
        const of: Readonly<Record<string, unknown>> = { ...(typeof tags === 'object' ? tags : undefined) };
        const right = of['tandem:environment'] === environment.name && of['tandem:layer'] === layer;
        return !right || typeof of.Name !== 'string';
      })
      .map(({ address }) => address),
};
