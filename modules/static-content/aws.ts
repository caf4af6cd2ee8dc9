import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import type { Construct } from 'constructs';
import { accountOwnsKey, policyOf } from '../iam/policy';
import { named } from '../named';
import type { ContentOrigin, ContentProps } from './contract';
import { replicate } from './replication';

/** In days: how long a replaced or deleted file can be brought back. */
const oldVersionDays = 30;

/** A bucket as the replication between the two needs it. */
export interface ContentBucket {
  readonly place: ContentProps;
  readonly bucket: S3Bucket;
  readonly key: KmsKey;
  readonly versioning: S3BucketVersioningA;
}

/** The bucket of a region, computed: CloudFront is declared first, because the bucket lets in this distribution alone. */
export function contentOrigin(props: ContentProps): ContentOrigin {
  const { name: bucketName } = named('s3Bucket', props, `content-${props.account}`);
  return { bucketName, domainName: `${bucketName}.s3.${props.region}.amazonaws.com` };
}

/** Declares both regions' buckets: private, read by one distribution, each the other's replica. */
export function staticContent(
  scope: Construct,
  [first, second]: readonly [ContentProps, ContentProps],
  distributionArn: string,
): void {
  const one = contentBucket(scope, first, distributionArn);
  const other = contentBucket(scope, second, distributionArn);
  replicate(scope, one, other);
  replicate(scope, other, one);
}

function contentBucket(scope: Construct, place: ContentProps, distributionArn: string): ContentBucket {
  const { provider, region } = place;
  const id = `content_${region.replaceAll('-', '_')}`;
  const lifecycle = { preventDestroy: place.protected };
  const bucket = new S3Bucket(scope, id, {
    provider,
    bucket: contentOrigin(place).bucketName,
    forceDestroy: !place.protected,
    tags: named('s3Bucket', place, `content-${place.account}`).tags,
    lifecycle,
  });
  const of = { provider, bucket: bucket.bucket };
  new S3BucketPublicAccessBlock(scope, `${id}_private`, {
    ...of,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketOwnershipControls(scope, `${id}_owner`, {
    ...of,
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  });
  new S3BucketPolicy(scope, `${id}_policy`, { ...of, policy: bucketPolicy(bucket.arn, distributionArn) });

  const key = contentKey(scope, id, place, distributionArn);
  new S3BucketServerSideEncryptionConfigurationA(scope, `${id}_encryption`, {
    ...of,
    rule: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.arn },
        bucketKeyEnabled: true,
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
        id: 'old-versions',
        status: 'Enabled',
        filter: [{}],
        noncurrentVersionExpiration: [{ noncurrentDays: oldVersionDays }],
        expiration: [{ expiredObjectDeleteMarker: true }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
      },
    ],
    dependsOn: [versioning],
  });
  return { place, bucket, key, versioning };
}

/** Source: "Restrict access to an Amazon S3 origin", Amazon CloudFront Developer Guide. */
const bucketPolicy = (bucketArn: string, distributionArn: string): string =>
  policyOf(
    {
      Sid: 'Distribution',
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: 's3:GetObject',
      Resource: `${bucketArn}/*`,
      Condition: { StringEquals: { 'AWS:SourceArn': distributionArn } },
    },
    {
      Sid: 'TlsOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [bucketArn, `${bucketArn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  );

function contentKey(scope: Construct, id: string, place: ContentProps, distributionArn: string): KmsKey {
  const { provider, account, environment, region } = place;
  const { name, tags } = named('kmsAlias', place, 'content');
  const key = new KmsKey(scope, `${id}_key`, {
    provider,
    description: `Static content of ${environment} in ${region}`,
    enableKeyRotation: true,
    // In a key's policy `*` is that key.
    policy: policyOf(accountOwnsKey(account), {
      Sid: 'Distribution',
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringEquals: { 'AWS:SourceArn': distributionArn } },
    }),
    tags,
    lifecycle: { preventDestroy: place.protected },
  });
  new KmsAlias(scope, `${id}_alias`, { provider, name: `alias/${name}`, targetKeyId: key.keyId });
  return key;
}
