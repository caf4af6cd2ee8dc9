import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import type { Construct } from 'constructs';
import { policyOf, type Statement } from '../iam/policy';
import type { BucketProps } from './contract';

/** Declares a private bucket. @returns what others have to wait for or refer to */
export function privateBucket(scope: Construct, id: string, props: BucketProps) {
  const { provider, forceDestroy, keyArn, expiryDays, ids = {} } = props;
  const where = provider && { provider };
  const bucket = new S3Bucket(scope, ids.bucket ?? id, {
    ...where,
    bucket: props.name,
    ...(forceDestroy !== undefined && { forceDestroy }),
    tags: props.tags,
    lifecycle: { preventDestroy: props.protected },
  });
  const of = { ...where, bucket: bucket.bucket };

  const closed = new S3BucketPublicAccessBlock(scope, ids.publicAccess ?? `${id}_private`, {
    ...of,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketOwnershipControls(scope, ids.ownership ?? `${id}_ownership`, {
    ...of,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  });
  new S3BucketServerSideEncryptionConfigurationA(scope, `${id}_encryption`, {
    ...of,
    rule: [
      keyArn === undefined
        ? { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
        : {
            bucketKeyEnabled: true,
            applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
          },
    ],
  });
  const versioning = new S3BucketVersioningA(scope, `${id}_versioning`, {
    ...of,
    versioningConfiguration: { status: 'Enabled' },
  });
  new S3BucketLifecycleConfiguration(scope, `${id}_lifecycle`, {
    ...of,
    rule: [
      {
        // What a deletion leaves behind, as each lock file's does, goes with the last old version.
        ...(expiryDays === undefined
          ? { id: 'old-versions', filter: [{}], expiration: [{ expiredObjectDeleteMarker: true }] }
          : { id: 'expire', filter: [{ prefix: '' }], expiration: [{ days: expiryDays }] }),
        status: 'Enabled',
        noncurrentVersionExpiration: [{ noncurrentDays: props.oldVersionDays }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      },
    ],
    dependsOn: [versioning],
  });
  const policy = new S3BucketPolicy(scope, `${id}_policy`, {
    ...of,
    policy: policyOf(...props.statements(bucket.arn)),
    dependsOn: [closed],
  });
  return { bucket, versioning, policy };
}

/** Refuses whatever meets the condition, whoever asks. */
export const refusal = (
  Sid: string,
  bucketArn: string,
  Condition: NonNullable<Statement['Condition']>,
): Statement => ({
  Sid,
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [bucketArn, `${bucketArn}/*`],
  Condition,
});

/** Source: "Security best practices for Amazon S3" (enforce encryption of data in transit), Amazon S3 User Guide. */
export const tlsOnly = (bucketArn: string): Statement =>
  refusal('TlsOnly', bucketArn, { Bool: { 'aws:SecureTransport': 'false' } });
