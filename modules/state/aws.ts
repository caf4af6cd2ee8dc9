import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { tagsOf } from '../../lib/tags';
import { privateBucket, refusal, tlsOnly } from '../bucket/aws';
import { accountOwnsKey, policyOf } from '../iam/policy';
import type { StateOutputs, StateProps } from './contract';

/** How far back a state can be restored, in days after it was overwritten; states are kilobytes. */
const keptDays = 365;

/** Declares where a region's state is kept: its key, its bucket, its lock table, and the bucket for the peer's copies. */
export function state(scope: Construct, props: StateProps): StateOutputs {
  const { environment, region, account, lockTableName } = props;
  const tagsFor = (name: string) => ({ ...tagsOf(props), Name: name });

  const key = new KmsKey(scope, 'key', {
    description: `Terraform state of ${environment} in ${region}`,
    enableKeyRotation: true,
    // In days: the longest there is, because without the key no state of the region can be read.
    deletionWindowInDays: 30,
    policy: policyOf(accountOwnsKey(account)),
    tags: tagsFor(props.keyAlias),
    lifecycle: { preventDestroy: true },
  });
  new KmsAlias(scope, 'key_alias', { name: `alias/${props.keyAlias}`, targetKeyId: key.keyId });

  const bucket = (id: string, name: string) =>
    privateBucket(scope, id, {
      name,
      keyArn: key.arn,
      tags: tagsFor(name),
      protected: true,
      oldVersionDays: keptDays,
      statements: (arn) => [
        tlsOnly(arn),
        refusal('NewTlsOnly', arn, { NumericLessThan: { 's3:TlsVersion': '1.2' } }),
      ],
      ids: { bucket: `${id}_bucket`, publicAccess: `${id}_public_access_block` },
    });
  bucket('state', props.bucketName);
  bucket('backup', props.backupBucketName);

  // The hash key is the S3 backend's own word ("DynamoDB State Locking", Backend type: s3, Terraform documentation).
  new DynamodbTable(scope, 'locks', {
    name: lockTableName,
    billingMode: 'PAY_PER_REQUEST',
    hashKey: 'LockID',
    attribute: [{ name: 'LockID', type: 'S' }],
    serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
    pointInTimeRecovery: { enabled: true },
    deletionProtectionEnabled: true,
    tags: tagsFor(lockTableName),
    lifecycle: { preventDestroy: true },
  });
  return { keyArn: key.arn };
}
