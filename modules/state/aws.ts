import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { tagsOf } from '../../lib/tags';
import { accountOwnsKey, policyOf } from '../iam/policy';
import { stateBucket } from './bucket';
import type { StateOutputs, StateProps } from './contract';

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

  stateBucket(scope, 'state', { name: props.bucketName, keyArn: key.arn, tags: tagsFor(props.bucketName) });
  stateBucket(scope, 'backup', {
    name: props.backupBucketName,
    keyArn: key.arn,
    tags: tagsFor(props.backupBucketName),
  });

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
