import type { Construct } from 'constructs';
import { alarm } from '../alarms/aws';
import type { AlarmRule } from '../alarms/contract';
import type { CacheProps } from './contract';

type Rule = Pick<AlarmRule, 'metric' | 'statistic' | 'threshold' | 'minutes' | 'description'>;

/** Metrics: "Metrics for Valkey and Redis OSS", Amazon ElastiCache User Guide. All of them are wrong above. */
const rules: Readonly<Record<string, Rule>> = {
  // Valkey works on one core, whatever the node has.
  cpu: {
    metric: 'EngineCPUUtilization',
    statistic: 'Maximum',
    threshold: 80,
    minutes: 15,
    description: 'The engine’s core is nearly busy: more shards, or fewer expensive commands.',
  },
  // The rest goes quickly while a replica synchronizes.
  memory: {
    metric: 'DatabaseMemoryUsagePercentage',
    statistic: 'Maximum',
    threshold: 80,
    minutes: 5,
    description: 'Entries will soon be evicted: shorter lifetimes, or larger nodes.',
  },
  // A few are what volatile-lru is for; a thousand a minute means that the cache is too small.
  evictions: {
    metric: 'Evictions',
    statistic: 'Sum',
    threshold: 1000,
    minutes: 15,
    description: 'The cache is too small for what is kept in it: the database takes the reads.',
  },
  // In seconds, within the region.
  'replication-lag': {
    metric: 'ReplicationLag',
    statistic: 'Maximum',
    threshold: 10,
    minutes: 5,
    description: 'A replica is behind its primary: a failover of the shard loses what it has not got.',
  },
  // In seconds: entries of reference data live a minute, so a copy further behind serves what has run out.
  'peer-lag': {
    metric: 'GlobalDatastoreReplicationLag',
    statistic: 'Maximum',
    threshold: 60,
    minutes: 5,
    description: 'The copy in this region is behind the other region’s cluster.',
  },
};

/**
 * On each node, in every role. Nodes are named by shard and place in it, from 1 ("Finding a node’s endpoint", Amazon
 * ElastiCache User Guide).
 */
export function cacheAlarms(scope: Construct, props: CacheProps, cluster: string): void {
  for (let shard = 1; shard <= props.shards; shard++) {
    for (let node = 1; node <= props.nodesPerShard; node++) {
      const id = `${cluster}-${String(shard).padStart(4, '0')}-${String(node).padStart(3, '0')}`;
      for (const [name, rule] of Object.entries(rules)) {
        alarm(scope, props, props.alarmTopicArn, {
          ...rule,
          component: `cache-${shard}-${node}-${name}`,
          namespace: 'AWS/ElastiCache',
          dimensions: { CacheClusterId: id },
          wrong: 'above',
        });
      }
    }
  }
}
