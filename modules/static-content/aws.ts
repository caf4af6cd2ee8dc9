import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { privateBucket, tlsOnly } from '../bucket/aws';
import { accountOwnsKey, policyOf, type Statement } from '../iam/policy';
import { named } from '../named';
import type { ContentOrigin, ContentProps } from './contract';
import { type ContentBucket, replicate } from './replication';

/** In days: how long a replaced or deleted file can be brought back. */
const oldVersionDays = 30;

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
  const id = `content_${place.region.replaceAll('-', '_')}`;
  const key = contentKey(scope, id, place, distributionArn);
  const { bucket, versioning } = privateBucket(scope, id, {
    ...named('s3Bucket', place, `content-${place.account}`),
    provider: place.provider,
    protected: place.protected,
    forceDestroy: !place.protected,
    keyArn: key.arn,
    oldVersionDays,
    statements: (arn) => [readBy(distributionArn, arn), tlsOnly(arn)],
    ids: { ownership: `${id}_owner` },
  });
  return { place, bucket, key, versioning };
}

/** Source: "Restrict access to an Amazon S3 origin", Amazon CloudFront Developer Guide. */
const readBy = (distributionArn: string, bucketArn: string): Statement => ({
  Sid: 'Distribution',
  Effect: 'Allow',
  Principal: { Service: 'cloudfront.amazonaws.com' },
  Action: 's3:GetObject',
  Resource: `${bucketArn}/*`,
  Condition: { StringEquals: { 'AWS:SourceArn': distributionArn } },
});

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
