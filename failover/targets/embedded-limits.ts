import { shortAlarmPeriodSeconds } from '../../twin/dns/latch';
import type { Shortened } from '../evidence/record';
import type { Timing } from '../target';

/** What two regions of processes on one machine can not show: said in every evidence, so that nothing passes for measured. */
export const simulated: readonly string[] = [
  'Route 53 and the CloudWatch metric behind each latch are Tandem’s own evaluation of the synthesized records, health checks and alarms, by AWS’s documented rules.',
  'Health checks ask over HTTP from one checker a region; in production over HTTPS from several.',
  'A metric’s data point reaches the health check at once; in production it takes up to a minute.',
  'A killed region refuses connections at once; in production they run into the client’s time-out first.',
  'Promotion is PostgreSQL’s own; RDS takes minutes more around it, which no figure here contains.',
  'The regions are next to each other: no distance delays replication, commits or clients.',
  'One PostgreSQL a region and a cache that starts empty; in production Multi-AZ, read replicas and a replicated cache.',
];

/** What a faster clock takes out of the figures; empty in real time. */
export function shortenings(production: Timing, here: Timing): readonly Shortened[] {
  if (production === here) return [];
  const interval = production.healthCheckIntervalSeconds - here.healthCheckIntervalSeconds;
  return [
    {
      what: 'health-check interval',
      production: `${production.healthCheckIntervalSeconds} s × ${production.failureThreshold}`,
      here: `${here.healthCheckIntervalSeconds} s × ${here.failureThreshold}`,
      withheldSeconds: interval * production.failureThreshold,
    },
    {
      what: 'TTL of the public name',
      production: `${production.ttlSeconds} s`,
      here: `${here.ttlSeconds} s`,
      withheldSeconds: production.ttlSeconds - here.ttlSeconds,
    },
    {
      what: 'period of the latch’s alarm, which a failover does not wait for',
      production: '60 s',
      here: `${shortAlarmPeriodSeconds} s`,
      withheldSeconds: 0,
    },
  ];
}
