import type { Timing } from '../target';
import { shortAlarmPeriodSeconds } from '../../twin/dns/latch';
import type { Shortened } from '../evidence/record';

/** What two clusters on one network can not show: said in every evidence, so that nothing passes for measured. */
export const simulated: readonly string[] = [
  'Route 53 and the CloudWatch metric behind each latch are Tandem’s own evaluation of the synthesized records, health checks and alarms, by AWS’s documented rules, beside both clusters.',
  'Health checks ask over HTTP from one checker a region on one machine; in production over HTTPS from several places.',
  'A metric’s data point reaches the health check at once; in production it takes up to a minute.',
  'Promotion is PostgreSQL’s own; RDS takes minutes more around it, which no figure here contains.',
  'The clusters are as far from each other as their networks are: on one machine no distance delays replication, commits or clients.',
  'One PostgreSQL and one Valkey a region; in production Multi-AZ, read replicas and a replicated cache.',
];

/** The checks’ interval, their threshold and the TTL are the environment's own here. */
export const shortened: readonly Shortened[] = [
  {
    what: 'period of the latch’s alarm, which a failover does not wait for',
    production: '60 s',
    here: `${shortAlarmPeriodSeconds} s`,
    withheldSeconds: 0,
  },
];

/** Seconds: a node that lost its power brings its pods back within a minute, and PostgreSQL replays; a plan asks each stack. */
export const pace = { startSeconds: 180, planSeconds: 300 };

/** What `environment` declares is what the name server here does. */
export const timingOf = ({
  healthCheck,
  dns,
}: {
  readonly healthCheck: { readonly intervalSeconds: number; readonly failureThreshold: number };
  readonly dns: { readonly ttlSeconds: number };
}): Timing => ({
  healthCheckIntervalSeconds: healthCheck.intervalSeconds,
  failureThreshold: healthCheck.failureThreshold,
  ttlSeconds: dns.ttlSeconds,
});
