import type { EnvironmentInput } from './schema';

/** The least that AWS builds a pair of regions from: one zone's worth of each store. */
export const dev: EnvironmentInput = {
  name: 'dev',
  target: 'aws',
  regions: ['us-east-1', 'us-west-2'],
  account: '111122223333',
  repository: 'example/tandem',
  oidcProvider: 'shared',
  network: { cidr: '10.0.0.0/15', natGateways: 'one' },
  dns: { zone: 'dev.tandem.example' },
  cluster: { instanceType: 't3.medium', minNodes: 1, maxNodes: 3 },
  postgres: { instanceClass: 'db.t4g.micro', multiAz: false, backupDays: 1 },
  cache: { nodeType: 'cache.m6g.large', nodesPerShard: 1 },
  autopilot: { mode: 'act' },
  objectives: { rtoSeconds: 900, rpoSeconds: 60, availabilityPercent: 99 },
};
