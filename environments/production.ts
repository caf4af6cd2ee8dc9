import type { EnvironmentInput } from './schema';

export const production: EnvironmentInput = {
  name: 'production',
  target: 'aws',
  regions: ['us-east-1', 'us-west-2'],
  account: '111122223333',
  repository: 'example/tandem',
  protected: true,
  logRetentionDays: 365,
  network: { cidr: '10.4.0.0/15' },
  dns: { zone: 'tandem.example' },
  healthCheck: { intervalSeconds: 30, failureThreshold: 3 },
  cluster: { instanceType: 't3.large', minNodes: 10, maxNodes: 50 },
  postgres: { instanceClass: 'db.r6i.2xlarge', storageGb: 500, backupDays: 30, readReplicas: 2 },
  cache: { nodeType: 'cache.r6g.xlarge', shards: 3, nodesPerShard: 2 },
  objectives: { rtoSeconds: 300, rpoSeconds: 30, availabilityPercent: 99.99 },
};
