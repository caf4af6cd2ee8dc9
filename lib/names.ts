import { createHash } from 'node:crypto';
import { TandemError } from './errors';

interface NameRule {
  /** Characters, at most. */
  readonly max: number;
  /** What AWS takes. */
  readonly pattern: RegExp;
  /** The AWS document that says so. */
  readonly source: string;
}

const hyphenated = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i;

/** What AWS allows in a name, by kind of resource. */
export const nameRules = {
  alarm: { max: 255, pattern: /^[\x20-\x7e]+$/, source: 'PutMetricAlarm, Amazon CloudWatch API Reference' },
  dynamodbTable: {
    max: 255,
    pattern: /^[\w.-]{3,}$/,
    source: 'Supported data types and naming rules in Amazon DynamoDB, Amazon DynamoDB Developer Guide',
  },
  ecrRepository: {
    max: 256,
    pattern: /^[a-z][a-z0-9]*([._/-][a-z0-9]+)*$/,
    source: 'CreateRepository, Amazon ECR API Reference',
  },
  ecsCluster: { max: 255, pattern: /^[\w-]+$/, source: 'CreateCluster, Amazon ECS API Reference' },
  ecsService: { max: 255, pattern: /^[\w-]+$/, source: 'CreateService, Amazon ECS API Reference' },
  ecsTaskFamily: {
    max: 255,
    pattern: /^[\w-]+$/,
    source: 'RegisterTaskDefinition, Amazon ECS API Reference',
  },
  eksCluster: {
    max: 100,
    pattern: /^[a-z0-9][\w-]*$/i,
    source: 'CreateCluster, Amazon EKS API Reference',
  },
  eksNodeGroup: {
    max: 63,
    pattern: /^[a-z0-9][\w-]*$/i,
    source: 'Create a managed node group for your cluster, Amazon EKS User Guide',
  },
  elasticacheParameterGroup: {
    max: 255,
    pattern: hyphenated,
    source: 'CreateCacheParameterGroup, Amazon ElastiCache API Reference',
  },
  elasticacheReplicationGroup: {
    max: 40,
    pattern: hyphenated,
    source: 'CreateReplicationGroup, Amazon ElastiCache API Reference',
  },
  elasticacheSubnetGroup: {
    max: 255,
    pattern: /^[a-z0-9-]+$/i,
    source: 'CreateCacheSubnetGroup, Amazon ElastiCache API Reference',
  },
  /** A user's id and a user group's, for which AWS names no maximum: as long as a replication group's. */
  elasticacheUser: {
    max: 40,
    pattern: hyphenated,
    source: 'CreateUser and CreateUserGroup, Amazon ElastiCache API Reference',
  },
  /** A health check has no name: this is the value of its `Name` tag. */
  healthCheck: {
    max: 256,
    pattern: /^[\w .:/=+@-]+$/,
    source: 'Tag naming limits and requirements, Tagging AWS Resources and Tag Editor User Guide',
  },
  iamPolicy: { max: 128, pattern: /^[\w+=,.@-]+$/, source: 'CreatePolicy, AWS IAM API Reference' },
  iamRole: { max: 64, pattern: /^[\w+=,.@-]+$/, source: 'CreateRole, AWS IAM API Reference' },
  /** Without `alias/`, which counts towards AWS's 256. */
  kmsAlias: {
    max: 250,
    pattern: /^(?!aws\/)[\w/-]+$/,
    source: 'CreateAlias, AWS Key Management Service API Reference',
  },
  launchTemplate: {
    max: 128,
    pattern: /^[\w()./-]{3,}$/,
    source: 'CreateLaunchTemplate, Amazon EC2 API Reference',
  },
  loadBalancer: {
    max: 32,
    pattern: /^(?!internal-)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i,
    source: 'CreateLoadBalancer, Elastic Load Balancing API Reference',
  },
  logGroup: {
    max: 512,
    pattern: /^[\w./#-]+$/,
    source: 'CreateLogGroup, Amazon CloudWatch Logs API Reference',
  },
  /** Its sources and its destinations. */
  logDelivery: {
    max: 60,
    pattern: /^[\w-]+$/,
    source: 'PutDeliverySource, Amazon CloudWatch Logs API Reference',
  },
  /** The value of a `Name` tag, for what has no other name, such as a subnet. */
  nameTag: {
    max: 256,
    pattern: /^[\w .:/=+@-]+$/,
    source: 'Tag naming limits and requirements, Tagging AWS Resources and Tag Editor User Guide',
  },
  originAccessControl: {
    max: 64,
    pattern: /^[\w-]+$/,
    source: 'OriginAccessControlConfig, Amazon CloudFront API Reference',
  },
  rdsInstance: { max: 63, pattern: hyphenated, source: 'CreateDBInstance, Amazon RDS API Reference' },
  rdsParameterGroup: {
    max: 255,
    pattern: hyphenated,
    source: 'CreateDBParameterGroup, Amazon RDS API Reference',
  },
  rdsSubnetGroup: {
    max: 255,
    pattern: /^(?!default$)[a-z][\w .-]*$/i,
    source: 'CreateDBSubnetGroup, Amazon RDS API Reference',
  },
  s3Bucket: {
    max: 63,
    pattern: /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*-s3alias$)[a-z0-9][a-z0-9-]+[a-z0-9]$/,
    source: 'General purpose bucket naming rules, Amazon S3 User Guide',
  },
  /** A hyphen and six characters at the end look like the suffix that Secrets Manager itself gives to an ARN. */
  secret: {
    max: 512,
    pattern: /^(?!.*-[^-]{6}$)[\w/+=.@-]+$/,
    source: 'CreateSecret, AWS Secrets Manager API Reference',
  },
  securityGroup: {
    max: 255,
    pattern: /^(?!sg-)[\w .:/()#,@[\]+=&;{}!$*-]+$/,
    source: 'CreateSecurityGroup, Amazon EC2 API Reference',
  },
  snsTopic: { max: 256, pattern: /^[\w-]+$/, source: 'CreateTopic, Amazon SNS API Reference' },
  targetGroup: {
    max: 32,
    pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i,
    source: 'CreateTargetGroup, Elastic Load Balancing API Reference',
  },
  webAcl: { max: 128, pattern: /^[\w-]+$/, source: 'CreateWebACL, AWS WAFV2 API Reference' },
} as const satisfies Record<string, NameRule>;

export type NameKind = keyof typeof nameRules;

export interface NameParts {
  readonly environment: string;
  /** Left out for what belongs to no region: `global` stands in its place. */
  readonly region?: string;
  /** What it is in its layer, such as `postgres` or `latch`. */
  readonly component: string;
  /** Which incarnation, for what a rebuild replaces. */
  readonly generation?: number;
}

const label = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Words of a role, which changes where a name can't. */
export const roleWords: readonly string[] = [
  'active',
  'standby',
  'fenced',
  'rebuilding',
  'primary',
  'secondary',
];

/** How a name is read: a region is AWS's three parts or one word, and what ends like a hash is one. */
const reading =
  /^tandem-([a-z0-9]+)-([a-z]{2}(?:-[a-z]+)+-\d|[a-z0-9]+)-([a-z0-9-]+?)(?:-g(\d+))?(?<!-[0-9a-f]{8})$/;

/**
 * The name of an AWS resource: `tandem-<environment>-<region>-<component>[-g<generation>]`, without a role. One that is
 * too long, that AWS refuses, or that could be read as other parts too, ends in a hash of its parts (32 bits), so that
 * other parts have another name.
 * @throws TandemError NameInvalid when a part is no lower-case label, or the component is a role
 */
export function physicalName(kind: NameKind, parts: NameParts): string {
  const { environment, region, component, generation } = parts;
  for (const part of [environment, region ?? 'global', component]) {
    if (!label.test(part)) refuse(part, 'lower-case letters and digits, with single hyphens between');
  }
  const role = component.split('-').find((word) => roleWords.includes(word));
  if (role !== undefined) refuse(component, `a component without the role ${role}, which can change`);
  if (generation !== undefined && !(Number.isSafeInteger(generation) && generation > 0)) {
    refuse(generation, 'a generation from 1');
  }

  const written = [environment, region ?? 'global', component, generation?.toString()];
  const name = `tandem-${written.slice(0, 3).join('-')}${generation === undefined ? '' : `-g${generation}`}`;
  const { max, pattern } = nameRules[kind];
  const read = region === 'global' ? undefined : reading.exec(name)?.slice(1);
  const readsBack = read?.every((part, at) => part === written[at]) === true;
  if (readsBack && name.length <= max && pattern.test(name)) return name;

  const identity = JSON.stringify([environment, region, component, generation]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return `${name.slice(0, max - hash.length - 1).replace(/-$/, '')}-${hash}`;
}

function refuse(part: string | number, expected: string): never {
  throw new TandemError('NameInvalid', {
    found: `the part ${JSON.stringify(part)}`,
    expected,
    next: 'Correct it where physicalName is called or the environment is described.',
  });
}
