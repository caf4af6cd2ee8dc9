import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import type { Construct } from 'constructs';
import { policyOf } from '../iam/policy';

interface BucketProps {
  readonly name: string;
  readonly keyArn: string;
  readonly tags: Record<string, string>;
}

/** How far back a state can be restored, in days after it was overwritten; states are kilobytes. */
const keptDays = 365;

/** A bucket that nobody reads but by IAM and over TLS, that keeps what was overwritten, and that Terraform won't destroy. */
export function stateBucket(scope: Construct, id: string, { name, keyArn, tags }: BucketProps): void {
  const s3 = new S3Bucket(scope, `${id}_bucket`, { bucket: name, tags, lifecycle: { preventDestroy: true } });
  const bucket = s3.bucket;

  const closed = new S3BucketPublicAccessBlock(scope, `${id}_public_access_block`, {
    bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketOwnershipControls(scope, `${id}_ownership`, {
    bucket,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  });
  new S3BucketServerSideEncryptionConfigurationA(scope, `${id}_encryption`, {
    bucket,
    rule: [
      {
        bucketKeyEnabled: true,
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
      },
    ],
  });
  const versioning = new S3BucketVersioningA(scope, `${id}_versioning`, {
    bucket,
    versioningConfiguration: { status: 'Enabled' },
  });
  new S3BucketLifecycleConfiguration(scope, `${id}_lifecycle`, {
    bucket,
    rule: [
      {
        id: 'old-versions',
        status: 'Enabled',
        filter: [{}],
        noncurrentVersionExpiration: [{ noncurrentDays: keptDays }],
        // Each lock file leaves a delete marker behind.
        expiration: [{ expiredObjectDeleteMarker: true }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      },
    ],
    dependsOn: [versioning],
  });
  new S3BucketPolicy(scope, `${id}_policy`, {
    bucket,
    policy: policyOf(
      refusal('TlsOnly', s3.arn, { Bool: { 'aws:SecureTransport': 'false' } }),
      refusal('NewTlsOnly', s3.arn, { NumericLessThan: { 's3:TlsVersion': '1.2' } }),
    ),
    dependsOn: [closed],
  });
}

const refusal = (Sid: string, arn: string, Condition: Record<string, Record<string, string>>) =>
  ({ Sid, Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`], Condition }) as const;
