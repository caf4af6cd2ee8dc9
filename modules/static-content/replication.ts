import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketReplicationConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-replication-configuration';
import type { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import type { Construct } from 'constructs';
import { assumedBy, policyOf } from '../iam/policy';
import { named } from '../named';
import type { ContentProps } from './contract';

/** A bucket as the replication between the two needs it. */
export interface ContentBucket {
  readonly place: ContentProps;
  readonly bucket: S3Bucket;
  readonly key: KmsKey;
  readonly versioning: S3BucketVersioningA;
}

/**
 * Declares that what changes in one bucket changes in the other: files, deletions, and what is changed on a replica. A replica is
 * not replicated again, so the two directions make no circle ("Replicating objects overview", Amazon S3 User Guide).
 */
export function replicate(scope: Construct, from: ContentBucket, to: ContentBucket): void {
  const id = `content_${from.place.region.replaceAll('-', '_')}_replication`;
  const role = new IamRole(scope, `${id}_role`, {
    ...named('iamRole', from.place, 'content-replication'),
    description: `Copies static content from ${from.place.region} to ${to.place.region}`,
    assumeRolePolicy: assumedBy('s3.amazonaws.com'),
  });
  const permission = new IamRolePolicy(scope, `${id}_permission`, {
    name: 'replicate',
    role: role.name,
    policy: permissions(from, to),
  });

  const enabled = { status: 'Enabled' };
  new S3BucketReplicationConfigurationA(scope, id, {
    provider: from.place.provider,
    bucket: from.bucket.bucket,
    role: role.arn,
    rule: [
      {
        id: 'all',
        // A priority of 0 would show as a change in each plan.
        priority: 1,
        status: 'Enabled',
        filter: {},
        deleteMarkerReplication: enabled,
        sourceSelectionCriteria: { replicaModifications: enabled, sseKmsEncryptedObjects: enabled },
        destination: {
          bucket: to.bucket.arn,
          encryptionConfiguration: { replicaKmsKeyId: to.key.arn },
          metrics: enabled,
        },
      },
    ],
    dependsOn: [from.versioning, to.versioning, permission],
  });
}

/** Source: "Setting up permissions for live replication" and "Replicating encrypted objects", Amazon S3 User Guide. */
const permissions = (from: ContentBucket, to: ContentBucket): string =>
  policyOf(
    {
      Effect: 'Allow',
      Action: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
      Resource: from.bucket.arn,
    },
    {
      Effect: 'Allow',
      Action: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
      Resource: `${from.bucket.arn}/*`,
    },
    {
      Effect: 'Allow',
      Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
      Resource: `${to.bucket.arn}/*`,
    },
    {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: from.key.arn,
      Condition: { StringEquals: { 'kms:ViaService': `s3.${from.place.region}.amazonaws.com` } },
    },
    {
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:GenerateDataKey'],
      Resource: to.key.arn,
      Condition: { StringEquals: { 'kms:ViaService': `s3.${to.place.region}.amazonaws.com` } },
    },
  );
