import type { Statement } from '../iam/policy';
import type { IdentityProps, StateAccess } from './contract';
import { callableRegions, services } from './services';

/**
 * Reads configuration, for a plan, and state; no data. It can't take the state's lock, so its plans run with `-lock=false`.
 * A provider before hashicorp/terraform-provider-aws#44876 also wants the secrets' values, which it does not get.
 */
export function readOnly({ environment, regions, state }: IdentityProps): readonly Statement[] {
  // What S3 and DynamoDB give to Get* may be data: of them, what reads configuration is listed.
  const listed = ['dynamodb', 's3'];
  const readable = [...Object.keys(services).filter((service) => !listed.includes(service)), 'iam'];
  return [
    {
      Sid: 'Configuration',
      Effect: 'Allow',
      Action: [
        ...readable.flatMap((service) =>
          ['Describe*', 'Get*', 'List*'].map((action) => `${service}:${action}`),
        ),
        'dynamodb:Describe*',
        'dynamodb:List*',
      ],
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': callableRegions(regions) } },
    },
    {
      Sid: 'Buckets',
      Effect: 'Allow',
      Action: [
        's3:GetAccelerateConfiguration',
        's3:GetBucket*',
        's3:GetEncryptionConfiguration',
        's3:GetLifecycleConfiguration',
        's3:GetReplicationConfiguration',
        's3:ListBucket',
      ],
      Resource: `arn:aws:s3:::tandem-${environment}-*`,
    },
    {
      Sid: 'NoData',
      Effect: 'Deny',
      Action: [
        'cloudwatch:GetMetricData',
        'ec2:GetConsole*',
        'ec2:GetPasswordData',
        'ecr:GetAuthorizationToken',
        'ecr:GetDownloadUrlForLayer',
        'logs:GetLogEvents',
        'logs:GetLogRecord',
        'logs:GetQueryResults',
        'secretsmanager:GetSecretValue',
      ],
      Resource: '*',
    },
    ...state.flatMap((access) => stateStatements(access, { s3: [], dynamodb: [], kms: [] })),
  ];
}

/** Changes what stacks are made of, in the environment's regions, and writes state. */
export function deployment({ regions, state }: IdentityProps): readonly Statement[] {
  return [
    {
      Sid: 'Services',
      Effect: 'Allow',
      Action: Object.keys(services).map((service) => `${service}:*`),
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': callableRegions(regions) } },
    },
    { Sid: 'ReadIam', Effect: 'Allow', Action: ['iam:Get*', 'iam:List*'], Resource: '*' },
    ...state.flatMap((access) =>
      stateStatements(access, {
        // Deletes its lock file.
        s3: ['s3:DeleteObject', 's3:PutObject'],
        dynamodb: ['dynamodb:DeleteItem', 'dynamodb:PutItem'],
        kms: ['kms:Encrypt', 'kms:GenerateDataKey'],
      }),
    ),
  ];
}

/**
 * The most that any role made by the deploy role can do, whatever its policies say: use the services, without IAM and without
 * the state. Source: "Permissions boundaries for IAM entities", AWS IAM User Guide.
 */
export function boundary({ regions, state }: IdentityProps): readonly Statement[] {
  return [
    {
      Sid: 'Services',
      Effect: 'Allow',
      Action: [
        ...Object.keys(services).map((service) => `${service}:*`),
        // Nodes give pods their identities.
        'eks-auth:AssumeRoleForPodIdentity',
      ],
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': callableRegions(regions) } },
    },
    {
      Sid: 'NoState',
      Effect: 'Deny',
      Action: ['dynamodb:*', 'kms:*', 's3:*'],
      Resource: state.flatMap(({ bucketArn, backupBucketArn, keyArn, lockTableArn }) => [
        ...[bucketArn, backupBucketArn].flatMap((arn) => [arn, `${arn}/*`]),
        keyArn,
        lockTableArn,
      ]),
    },
  ];
}

/** "Permissions Required", Backend type: s3, Terraform documentation. */
function stateStatements(
  { bucketArn, lockTableArn, keyArn }: StateAccess,
  more: Readonly<Record<'s3' | 'dynamodb' | 'kms', readonly string[]>>,
): readonly Statement[] {
  const allow = (Action: readonly string[], Resource: string) =>
    ({ Effect: 'Allow', Action, Resource }) as const;
  return [
    allow(['s3:ListBucket'], bucketArn),
    allow(['s3:GetObject', ...more.s3], `${bucketArn}/*`),
    allow(['dynamodb:DescribeTable', 'dynamodb:GetItem', ...more.dynamodb], lockTableArn),
    allow(['kms:Decrypt', ...more.kms], keyArn),
  ];
}
