import type { AwsEnvironment } from '../../environments';
import type { Aws } from './calls';
import { stepBudgets } from './budgets';
import { latchCall, latchOf, type LatchPlace, latchReading } from './latch';
import type { Step } from './operation';
import { cacheCall, type CachePart, cachePartOf, type Database, databaseCall, databaseOf } from './stores';

/** Keeps a region out of DNS; closing is done when the API took it, since nothing outweighs it. */
export const closeLatch = (
  { regions, ...environment }: AwsEnvironment,
  region: string,
  more: Pick<Step, 'after' | 'undo'>,
): Step => {
  const place = placeOf({ regions, ...environment }, region);
  return {
    name: 'close-latch',
    title: `keep ${region} out of DNS`,
    region: place.peer,
    budget: stepBudgets({ regions, ...environment }).closeLatch,
    calls: [latchCall(place, 'closed')],
    asks: [],
    ...more,
  };
};

/** Lets a region into DNS again. A 0 only counts from the minute after the last 1, so it is put until it does. */
export const openLatch = (
  environment: AwsEnvironment,
  region: string,
  more: Pick<Step, 'after' | 'undo'>,
): Step => {
  const place = placeOf(environment, region);
  const open = latchCall(place, 'open');
  return {
    name: 'open-latch',
    title: `let ${region} into DNS`,
    region: place.peer,
    budget: stepBudgets(environment).openLatch,
    calls: [open],
    asks: [latchReading(place)],
    done: async (aws) => {
      if ((await latchOf(aws, place)) === 'open') return true;
      await aws.send(open);
      return false;
    },
    ...more,
  };
};

/** Where the latch of a region is: in the peer. */
export const placeOf = ({ name, regions }: AwsEnvironment, region: string): LatchPlace => ({
  environment: name,
  region,
  peer: regions[0] === region ? regions[1] : regions[0],
});

/** What a survey found in the region that is to become active. */
export interface Standby {
  readonly region: string;
  readonly instance: string;
  readonly database: Database | undefined;
  readonly group: string;
  /** Left out where no pair replicates the cache. */
  readonly cache: CachePart | undefined;
}

/** Promotes the region's stores: the database is what moves writing, the cache may fail without holding it up. */
export function promotion(
  environment: AwsEnvironment,
  { region, instance, database, group, cache }: Standby,
  loser: string,
): readonly Step[] {
  const budgets = stepBudgets(environment);
  const isPromoted = async (aws: Aws) => {
    const now = await databaseOf(aws, region, instance);
    return now?.status === 'available' && now.source === undefined;
  };
  const promote: Step = {
    name: 'promote-database',
    title: `promote ${instance}`,
    region,
    budget: budgets.promoteDatabase,
    calls: [
      {
        action: 'rds:PromoteReadReplica',
        region,
        parameters: {
          DBInstanceIdentifier: instance,
          // Left out, RDS would choose a day and a window of its own ("PromoteReadReplica", Amazon RDS API Reference).
          BackupRetentionPeriod: environment.postgres.backupDays,
          ...(database?.backupWindow !== undefined && { PreferredBackupWindow: database.backupWindow }),
        },
      },
    ],
    asks: [databaseCall(region, instance)],
    needed: async (aws) => {
      const now = await databaseOf(aws, region, instance);
      return now?.status === 'available' && now.source !== undefined;
    },
    done: isPromoted,
    bearsWith: ['InvalidDBInstanceState', 'InvalidDBInstanceStateFault'],
    noReturn: true,
    after: `${region} takes writes, ${loser} is kept out of DNS; roles.json does not say so yet`,
  };
  if (!cache) return [promote];

  const part = {
    region,
    calls: [
      {
        action: 'elasticache:FailoverGlobalReplicationGroup',
        region,
        parameters: {
          GlobalReplicationGroupId: cache.datastore,
          PrimaryRegion: region,
          PrimaryReplicationGroupId: group,
        },
      },
    ],
    asks: [cacheCall(region, group)],
    needed: async (aws: Aws) => (await cachePartOf(aws, region, group))?.primary === false,
    optional: true,
  } as const;
  return [
    {
      ...part,
      name: 'fail-over-cache',
      title: `make ${group} the primary of its pair`,
      budget: budgets.failOverCache,
      after: `${loser} is kept out of DNS and ${region} is not promoted: no region takes writes`,
    },
    promote,
    {
      // Not before the database, which it must not hold up; asked for again in case the first call came to nothing.
      ...part,
      name: 'await-cache',
      title: `see ${group} as the primary of its pair`,
      budget: budgets.awaitCache,
      done: async (aws) => (await cachePartOf(aws, region, group))?.primary !== false,
      bearsWith: ['InvalidGlobalReplicationGroupState', 'InvalidGlobalReplicationGroupStateFault'],
      after: promote.after,
    },
  ];
}
