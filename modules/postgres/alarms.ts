import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import type { Construct } from 'constructs';
import { alarm } from '../alarms/aws';
import type { AlarmRule } from '../alarms/contract';
import type { PostgresProps } from './contract';
import { maxConnections, memoryGib } from './memory';
import { walKeptMb } from './wal';

type Rule = Pick<AlarmRule, 'metric' | 'wrong' | 'threshold' | 'minutes' | 'description'>;

/** Metrics: "Amazon CloudWatch instance-level metrics for Amazon RDS", Amazon RDS User Guide. */
export function postgresAlarms(
  scope: Construct,
  props: PostgresProps,
  main: DbInstance,
  readers: readonly DbInstance[],
): void {
  const rules = rulesFor(props);
  for (const [at, { identifier }] of [main, ...readers].entries()) {
    // Without a generation: an alarm stays when a rebuild makes another instance.
    const of = at === 0 ? 'postgres' : `postgres-read-${at}`;
    for (const [name, rule] of Object.entries(rules)) {
      alarm(scope, props, props.alarmTopicArn, {
        ...rule,
        component: `${of}-${name}`,
        namespace: 'AWS/RDS',
        dimensions: { DBInstanceIdentifier: identifier },
        statistic: rule.wrong === 'above' ? 'Maximum' : 'Minimum',
      });
    }
  }
}

/** The same for every instance and in every role: what an instance has no metric for never rings. */
function rulesFor({ instanceClass, storageGb, rpoSeconds }: PostgresProps): Readonly<Record<string, Rule>> {
  const connections = Math.floor(maxConnections(instanceClass) * 0.8);
  return {
    // An idle primary writes WAL only every five minutes, and its replicas report up to that: the workload's writes make it exact.
    'replica-lag': {
      metric: 'ReplicaLag',
      wrong: 'above',
      threshold: Math.max(rpoSeconds, 1),
      minutes: 5,
      description: `Further behind than a failover may lose (${rpoSeconds} s): do not promote before it has caught up.`,
    },
    // Half of what is kept: time to act before the replica is cut off.
    'wal-kept': {
      metric: 'OldestReplicationSlotLag',
      wrong: 'above',
      threshold: (walKeptMb(storageGb) * 2 ** 20) / 2,
      minutes: 5,
      description: 'A replica has stopped reading: at the double it is cut off and has to be rebuilt.',
    },
    // RDS grows storage at 10 % free, and then not for six hours: below that, growing did not help.
    storage: {
      metric: 'FreeStorageSpace',
      wrong: 'below',
      threshold: storageGb * 2 ** 30 * 0.08,
      minutes: 5,
      description:
        'Nearly full although RDS should have grown it: at the limit of growth, or written too fast.',
    },
    connections: {
      metric: 'DatabaseConnections',
      wrong: 'above',
      threshold: connections,
      minutes: 5,
      description: `80 % of max_connections: pools are too large, or connections leak.`,
    },
    // Long enough not to ring for a vacuum or a nightly job.
    cpu: {
      metric: 'CPUUtilization',
      wrong: 'above',
      threshold: 80,
      minutes: 15,
      description: 'Busy for a quarter of an hour: look at Performance Insights.',
    },
    // Linux uses the rest as file cache; below a twentieth it begins to swap.
    memory: {
      metric: 'FreeableMemory',
      wrong: 'below',
      threshold: memoryGib(instanceClass) * 2 ** 30 * 0.05,
      minutes: 15,
      description: 'Little memory left: too many connections, or too much of it for each.',
    },
  };
}
