import type { EnvironmentInput } from './schema';

/** Production's shape (zones, replicas, shards) at a smaller size, so that a drill here rehearses the same steps. */
export const staging: EnvironmentInput = {
  name: 'staging',
  target: 'aws',
  regions: ['us-east-1', 'us-west-2'],
  account: '111122223333',
  repository: 'example/tandem',
  oidcProvider: 'shared',
  logRetentionDays: 90,
  network: { cidr: '10.2.0.0/15' },
  dns: { zone: 'staging.tandem.example' },
  cluster: { instanceType: 't3.large', minNodes: 3, maxNodes: 10 },
  postgres: { instanceClass: 'db.r6i.large', storageGb: 100, backupDays: 7, readReplicas: 1 },
  cache: { nodeType: 'cache.r6g.large', shards: 2, nodesPerShard: 2 },
  autopilot: { mode: 'act' },
};
