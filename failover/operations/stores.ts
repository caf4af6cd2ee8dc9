import { TandemError } from '../../lib/errors';
import { physicalName } from '../../lib/names';
import { type Aws, type Call, refusalOf } from './calls';

/** The region's own instance, or the read replica of that component, as modules/postgres names them. */
export const databaseName = (
  environment: string,
  region: string,
  generation: number,
  component = 'postgres',
): string => physicalName('rdsInstance', { environment, region, component, generation });

/** The region's cluster, as modules/cache names it. */
export const cacheName = (environment: string, region: string): string =>
  physicalName('elasticacheReplicationGroup', { environment, region, component: 'cache' });

export const databaseCall = (region: string, instance: string): Call<'rds:DescribeDBInstances'> => ({
  action: 'rds:DescribeDBInstances',
  region,
  parameters: { DBInstanceIdentifier: instance },
});

export const cacheCall = (region: string, group: string): Call<'elasticache:DescribeReplicationGroups'> => ({
  action: 'elasticache:DescribeReplicationGroups',
  region,
  parameters: { ReplicationGroupId: group },
});

/** A database instance as an operation sees it. */
export interface Database {
  /** AWS's word, such as `available` or `modifying`. */
  readonly status: string;
  /** What it copies: an instance of its region by name, of another by ARN; undefined for a primary. */
  readonly source?: string;
  /** UTC, as AWS writes it. */
  readonly backupWindow?: string;
  readonly deletionProtection: boolean;
}

/** A state that an instance does not leave by itself: "Viewing Amazon RDS DB instance status", Amazon RDS User Guide. */
const stuck =
  /^(failed|stopped|incompatible-.*|inaccessible-encryption-credentials|restore-error|storage-full)$/;

/**
 * Undefined when there is none of that name.
 * @throws TandemError AwsRefused when it is in a state that waiting does not mend
 */
export async function databaseOf(aws: Aws, region: string, instance: string): Promise<Database | undefined> {
  const { DBInstances: [found] = [] } = await aws.send(databaseCall(region, instance)).catch(absent);
  if (!found) return undefined;
  const status = found.DBInstanceStatus ?? 'unknown';
  if (stuck.test(status)) {
    throw new TandemError('AwsRefused', {
      found: `${instance} in ${region} is ${status}`,
      expected: 'available, or on its way there',
      next: `mend the instance: aws rds describe-events --region ${region} --source-type db-instance --source-identifier ${instance}`,
    });
  }
  const { ReadReplicaSourceDBInstanceIdentifier: source, PreferredBackupWindow: backupWindow } = found;
  return {
    status,
    ...(source && { source }),
    ...(backupWindow && { backupWindow }),
    deletionProtection: found.DeletionProtection === true,
  };
}

/** A cluster's part in a Global Datastore. */
export interface CachePart {
  readonly datastore: string;
  readonly primary: boolean;
}

/** Undefined when there is no such cluster, or it is in no pair. */
export async function cachePartOf(aws: Aws, region: string, group: string): Promise<CachePart | undefined> {
  const { ReplicationGroups: [found] = [] } = await aws.send(cacheCall(region, group)).catch(absent);
  const { GlobalReplicationGroupId: datastore, GlobalReplicationGroupMemberRole: role } =
    found?.GlobalReplicationGroupInfo ?? {};
  return datastore ? { datastore, primary: role === 'PRIMARY' } : undefined;
}

/** "There is none of that name" is an answer. */
function absent(thrown: unknown): Record<string, undefined> {
  if (/NotFound/.test(refusalOf(thrown) ?? '')) return {};
  throw thrown;
}
