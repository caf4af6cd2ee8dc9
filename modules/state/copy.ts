import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { S3BucketReplicationConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-replication-configuration';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { tagsOf } from '../../lib/tags';
import { assumedBy, policyOf, type Statement } from '../iam/policy';
import type { CopyEnd, StateCopyProps } from './contract';

/**
 * Copies every new version of a region's state into its peer's backup bucket: a bucket of its own, so that two directions
 * make no loop. A deletion is not copied. Both regions' buckets have to be there, with versioning.
 */
export function stateCopy(scope: Construct, { environment, provider, from, to }: StateCopyProps): void {
  const id = from.region.replaceAll('-', '_');
  const name = physicalName('iamRole', { environment, region: from.region, component: 'state-copy' });
  const role = new IamRole(scope, `copy_role_${id}`, {
    name,
    description: `Copies the state of ${environment} in ${from.region} to ${to.region}`,
    assumeRolePolicy: assumedBy('s3.amazonaws.com'),
    tags: { ...tagsOf({ environment, region: from.region, layer: 'state-backup' }), Name: name },
  });
  const permission = new IamRolePolicy(scope, `copy_permission_${id}`, {
    name: 'copy',
    role: role.id,
    policy: policyOf(...permissions(from, to)),
  });
  new S3BucketReplicationConfigurationA(scope, `copy_${id}`, {
    provider,
    bucket: from.bucketName,
    role: role.arn,
    rule: [
      {
        id: 'all',
        // From 1: the provider drops a 0 and then finds it missing.
        priority: 1,
        status: 'Enabled',
        filter: {},
        deleteMarkerReplication: { status: 'Disabled' },
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
        destination: {
          bucket: bucketArn(to),
          encryptionConfiguration: { replicaKmsKeyId: to.keyArn },
        },
      },
    ],
    dependsOn: [permission],
  });
}

/**
 * Sources: "Setting up permissions for live replication" and "Replicating encrypted objects (SSE-S3, SSE-KMS, DSSE-KMS,
 * SSE-C)", Amazon S3 User Guide. With a bucket key the encryption context is the bucket, without one the object.
 */
function permissions(from: CopyEnd, to: CopyEnd): readonly Statement[] {
  const [source, target] = [bucketArn(from), bucketArn(to)];
  const through = ({ region }: CopyEnd, arn: string) => ({
    StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` },
    StringLike: { 'kms:EncryptionContext:aws:s3:arn': [arn, `${arn}/*`] },
  });
  return [
    { Effect: 'Allow', Action: ['s3:GetReplicationConfiguration', 's3:ListBucket'], Resource: source },
    {
      Effect: 'Allow',
      Action: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
      Resource: `${source}/*`,
    },
    { Effect: 'Allow', Action: ['s3:ReplicateObject', 's3:ReplicateTags'], Resource: `${target}/*` },
    { Effect: 'Allow', Action: 'kms:Decrypt', Resource: from.keyArn, Condition: through(from, source) },
    {
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:GenerateDataKey'],
      Resource: to.keyArn,
      Condition: through(to, target),
    },
  ];
}

const bucketArn = ({ bucketName }: CopyEnd): string => `arn:aws:s3:::${bucketName}`;
