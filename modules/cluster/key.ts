import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { accountOwnsKey, policyOf, type Statement } from '../iam/policy';
import { logs } from '../keys/users';
import { named } from '../named';
import type { ClusterProps } from './contract';

/** Declares the key for all that the cluster keeps: Kubernetes objects, control-plane logs, volumes. */
export function clusterKey(scope: Construct, props: ClusterProps, logGroupName: string): KmsKey {
  const { name, tags } = named('kmsAlias', props, 'cluster');
  const key = new KmsKey(scope, 'cluster_key', {
    description: `Kubernetes objects, control-plane logs and volumes of ${props.environment} in ${props.region}`,
    enableKeyRotation: true,
    policy: policyOf(
      accountOwnsKey(props.account),
      logs(props.account, props.region, logGroupName),
      ...volumes(props),
    ),
    tags,
    lifecycle: { preventDestroy: props.protected },
  });
  new KmsAlias(scope, 'cluster_key_alias', { name: `alias/${name}`, targetKeyId: key.keyId });
  return key;
}

/**
 * Auto Scaling starts nodes and the CSI driver makes volumes. Both are named by a condition and not as principals: KMS
 * refuses a policy that names a role before it exists, and an account without an Auto Scaling group has no such role.
 * Sources: "Required AWS KMS key policy for use with encrypted volumes", Amazon EC2 Auto Scaling User Guide;
 * "AWS global condition context keys" (aws:PrincipalArn), AWS IAM User Guide.
 */
function volumes({ environment, region, account }: ClusterProps): readonly Statement[] {
  const csiDriver = physicalName('iamRole', { environment, region, component: 'ebs-csi' });
  const roles = [
    'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
    csiDriver,
  ] as const;
  const byEc2 = {
    StringEquals: { 'kms:ViaService': `ec2.${region}.amazonaws.com`, 'kms:CallerAccount': account },
    ArnEquals: { 'aws:PrincipalArn': roles.map((name) => `arn:aws:iam::${account}:role/${name}`) },
  };
  const anyone = { Effect: 'Allow', Principal: { AWS: '*' }, Resource: '*' } as const;
  return [
    {
      Sid: 'Volumes',
      ...anyone,
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Condition: byEc2,
    },
    {
      Sid: 'VolumeGrants',
      ...anyone,
      Action: 'kms:CreateGrant',
      Condition: { ...byEc2, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ];
}
