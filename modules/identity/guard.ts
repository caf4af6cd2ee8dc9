import type { Statement } from '../iam/policy';
import type { IdentityProps } from './contract';
import { boundaryArn } from './names';

/** Services that take a role of an environment, as stacks give them away. */
const takers = [
  'ec2.amazonaws.com',
  'ecs-tasks.amazonaws.com',
  'eks.amazonaws.com',
  'monitoring.rds.amazonaws.com',
  'pods.eks.amazonaws.com',
  's3.amazonaws.com',
  'vpc-flow-logs.amazonaws.com',
];

/** Services that make a role of their own when they are first used. */
const linked = [
  'autoscaling.amazonaws.com',
  'ecs.amazonaws.com',
  'eks.amazonaws.com',
  'eks-nodegroup.amazonaws.com',
  'elasticache.amazonaws.com',
  'elasticloadbalancing.amazonaws.com',
  'rds.amazonaws.com',
  'replication.ecr.amazonaws.com',
];

/** What the deploy role may do to IAM: to things of its environment by name, and to roles only inside the boundary. */
export function ownIdentities({ account, environment, regions }: IdentityProps): readonly Statement[] {
  const iam = (kind: string) =>
    [...regions, 'global'].map((place) => `arn:aws:iam::${account}:${kind}/tandem-${environment}-${place}-*`);
  const inside = { StringEquals: { 'iam:PermissionsBoundary': boundaryArn(account, environment) } };
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[]) =>
    ({ Sid, Effect: 'Allow', Action, Resource }) as const;
  return [
    {
      ...allow(
        'BoundedRoles',
        [
          'iam:AttachRolePolicy',
          'iam:CreateRole',
          'iam:DeleteRolePolicy',
          'iam:DetachRolePolicy',
          'iam:PutRolePermissionsBoundary',
          'iam:PutRolePolicy',
        ],
        iam('role'),
      ),
      Condition: inside,
    },
    allow(
      'Roles',
      ['iam:DeleteRole', 'iam:TagRole', 'iam:UntagRole', 'iam:UpdateAssumeRolePolicy', 'iam:UpdateRole'],
      iam('role'),
    ),
    allow(
      'Policies',
      [
        'iam:CreatePolicy',
        'iam:CreatePolicyVersion',
        'iam:DeletePolicy',
        'iam:DeletePolicyVersion',
        'iam:TagPolicy',
        'iam:UntagPolicy',
      ],
      iam('policy'),
    ),
    allow(
      'InstanceProfiles',
      [
        'iam:AddRoleToInstanceProfile',
        'iam:CreateInstanceProfile',
        'iam:DeleteInstanceProfile',
        'iam:RemoveRoleFromInstanceProfile',
        'iam:TagInstanceProfile',
        'iam:UntagInstanceProfile',
      ],
      iam('instance-profile'),
    ),
    allow(
      'ClusterIssuers',
      [
        'iam:CreateOpenIDConnectProvider',
        'iam:DeleteOpenIDConnectProvider',
        'iam:TagOpenIDConnectProvider',
        'iam:UntagOpenIDConnectProvider',
      ],
      regions.map((region) => `arn:aws:iam::${account}:oidc-provider/oidc.eks.${region}.amazonaws.com/*`),
    ),
    {
      ...allow('PassRoles', ['iam:PassRole'], iam('role')),
      Condition: { StringEquals: { 'iam:PassedToService': takers } },
    },
    {
      ...allow(
        'ServiceLinkedRoles',
        ['iam:CreateServiceLinkedRole'],
        [`arn:aws:iam::${account}:role/aws-service-role/*`],
      ),
      Condition: { StringEquals: { 'iam:AWSServiceName': linked } },
    },
  ];
}

/**
 * What the deploy role may not do whatever else it is ever allowed: become more than it is, or change what bounds it and what
 * keeps state. Those are `tandem bootstrap`'s, run by an administrator.
 * @param ownArns the roles and policies of this module
 */
export function noEscalation(
  { account, state }: IdentityProps,
  ownArns: readonly string[],
): readonly Statement[] {
  return [
    {
      Sid: 'NobodyElse',
      Effect: 'Deny',
      Action: [
        'iam:AddUserToGroup',
        'iam:AttachGroupPolicy',
        'iam:AttachUserPolicy',
        'iam:CreateAccessKey',
        'iam:CreateLoginProfile',
        'iam:CreateUser',
        'iam:PutGroupPolicy',
        'iam:PutUserPolicy',
        'iam:UpdateLoginProfile',
      ],
      Resource: [`arn:aws:iam::${account}:user/*`, `arn:aws:iam::${account}:group/*`],
    },
    {
      Sid: 'Unbounded',
      Effect: 'Deny',
      Action: 'iam:DeleteRolePermissionsBoundary',
      Resource: `arn:aws:iam::${account}:role/*`,
    },
    {
      Sid: 'Itself',
      Effect: 'Deny',
      Action: [
        'iam:Add*',
        'iam:Attach*',
        'iam:Create*',
        'iam:Delete*',
        'iam:Detach*',
        'iam:PassRole',
        'iam:Put*',
        'iam:Remove*',
        'iam:Set*',
        'iam:Tag*',
        'iam:Untag*',
        'iam:Update*',
      ],
      Resource: ownArns,
    },
    {
      Sid: 'StateBuckets',
      Effect: 'Deny',
      Action: [
        's3:DeleteBucket*',
        's3:DeleteObjectVersion*',
        's3:PutBucket*',
        's3:PutEncryptionConfiguration',
        's3:PutLifecycleConfiguration',
        's3:PutReplicationConfiguration',
      ],
      Resource: state.flatMap(({ bucketArn, backupBucketArn }) =>
        [bucketArn, backupBucketArn].flatMap((arn) => [arn, `${arn}/*`]),
      ),
    },
    {
      Sid: 'StateBackups',
      Effect: 'Deny',
      Action: ['s3:DeleteObject*', 's3:PutObject*'],
      Resource: state.map(({ backupBucketArn }) => `${backupBucketArn}/*`),
    },
    {
      Sid: 'StateKeys',
      Effect: 'Deny',
      Action: [
        'kms:CreateGrant',
        'kms:DeleteAlias',
        'kms:Disable*',
        'kms:PutKeyPolicy',
        'kms:ScheduleKeyDeletion',
        'kms:UpdateAlias',
      ],
      Resource: state.map(({ keyArn }) => keyArn),
    },
    {
      Sid: 'StateLocks',
      Effect: 'Deny',
      Action: ['dynamodb:CreateTable', 'dynamodb:DeleteTable*', 'dynamodb:Restore*', 'dynamodb:Update*'],
      Resource: state.map(({ lockTableArn }) => lockTableArn),
    },
  ];
}
