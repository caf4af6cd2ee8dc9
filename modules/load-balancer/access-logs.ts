import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import type { Construct } from 'constructs';
import { policyOf } from '../iam/policy';
import { named } from '../named';
import type { LoadBalancerProps } from './contract';

/** Declares the private bucket of the load balancer's access logs. */
export function accessLogs(scope: Construct, props: LoadBalancerProps) {
  // Bucket names are shared by all of AWS, so this one carries the account.
  const { name, tags } = named('s3Bucket', props, `access-logs-${props.account}`);
  const { bucket, arn } = new S3Bucket(scope, 'access_logs', {
    bucket: name,
    // An unprotected environment can be destroyed although it has been used.
    forceDestroy: !props.protected,
    tags,
    lifecycle: { preventDestroy: props.protected },
  });
  new S3BucketPublicAccessBlock(scope, 'access_logs_private', {
    bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketOwnershipControls(scope, 'access_logs_ownership', {
    bucket,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  });
  new S3BucketServerSideEncryptionConfigurationA(scope, 'access_logs_encryption', {
    bucket,
    // S3's own key: access logs take no other ("Enable access logs for your Application Load Balancer", Elastic Load
    // Balancing User Guide).
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  });
  const versioning = new S3BucketVersioningA(scope, 'access_logs_versioning', {
    bucket,
    versioningConfiguration: { status: 'Enabled' },
  });
  new S3BucketLifecycleConfiguration(scope, 'access_logs_lifecycle', {
    bucket,
    rule: [
      {
        id: 'expire',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        expiration: [{ days: props.logRetentionDays }],
        noncurrentVersionExpiration: [{ noncurrentDays: 7 }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      },
    ],
    dependsOn: [versioning],
  });
  const policy = new S3BucketPolicy(scope, 'access_logs_policy', {
    bucket,
    policy: policyOf(
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Sid: 'AccessLogs',
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `${arn}/AWSLogs/${props.account}/*`,
      },
    ),
  });
  return { bucket, policy };
}
