import type { AwsEnvironment } from '../environments';
import { physicalName } from '../lib/names';

/** Whose state: a layer's, in one region or for the whole environment. */
export interface StatePlace {
  readonly environment: AwsEnvironment;
  readonly layer: string;
  /** Left out for a global layer. */
  readonly region?: string;
}

/**
 * Where a stack's state is kept: in its own region, so that recovering one never reads the other. A global layer's is in the
 * second region by place: what it declares lives at the edge or in us-east-1 already, and so one loss does not take both.
 */
export function stateOf({ environment, layer, region }: StatePlace) {
  const home = region ?? environment.regions[1];
  const { name, account } = environment;
  return {
    bucket: stateBucketName(environment, home),
    dynamodbTable: lockTableName(name, home),
    key: `${region === undefined ? 'global/' : ''}${layer}.tfstate`,
    region: home,
    encrypt: true,
    kmsKeyId: `arn:aws:kms:${home}:${account}:alias/${stateKeyAlias(name, home)}`,
  };
}

/** Bucket names are shared by all of AWS, so this one carries the account. */
export const stateBucketName = ({ name, account }: AwsEnvironment, region: string): string =>
  physicalName('s3Bucket', { environment: name, region, component: `state-${account}` });

/** The bucket of a region that receives copies of its peer's state. */
export const backupBucketName = ({ name, account }: AwsEnvironment, region: string): string =>
  physicalName('s3Bucket', { environment: name, region, component: `state-backup-${account}` });

export const lockTableName = (environment: string, region: string): string =>
  physicalName('dynamodbTable', { environment, region, component: 'state-locks' });

/** Without `alias/`. */
export const stateKeyAlias = (environment: string, region: string): string =>
  physicalName('kmsAlias', { environment, region, component: 'state' });
