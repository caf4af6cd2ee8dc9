import fc from 'fast-check';
import { parseEnvironment } from '../../environments';
import type { EnvironmentInput } from '../../environments';
import { awsRegions } from '../../environments/aws-regions';
import { roleWords } from '../../lib/names';

const optional: { requiredKeys: [] } = { requiredKeys: [] };
const label = fc
  .stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}$/)
  .filter((name) => !name.split('-').some((word) => roleWords.includes(word)));
const common = {
  name: label,
  dns: fc.record(
    {
      zone: fc.stringMatching(/^([a-z0-9]{1,20}\.){1,3}[a-z]{2,9}$/),
      host: fc.stringMatching(/^[a-z0-9]{1,20}(\.[a-z0-9]{1,20})?$/),
      ttlSeconds: fc.integer({ min: 1, max: 300 }),
    },
    { requiredKeys: ['zone'] },
  ),
  healthCheck: fc.record(
    {
      path: fc.webPath().map((path) => `/${path.slice(0, 200)}`),
      failureThreshold: fc.integer({ min: 1, max: 10 }),
    },
    optional,
  ),
  // Longer than the slowest detection that these can describe, 30 s x 10 + 300 s, and what an autopilot takes after it.
  objectives: fc.record({
    rtoSeconds: fc.integer({ min: 765, max: 86_400 }),
    rpoSeconds: fc.nat(86_400),
    availabilityPercent: fc.double({ min: 90, max: 99.999, noNaN: true }),
  }),
};
const two = <T>(region: fc.Arbitrary<T>) =>
  fc.tuple(region, region).filter(([first, second]) => first !== second);

/** Few of what is declared for each one, so that a synthesis stays short; sometimes as many as the names have to hold. */
const mostly = (few: fc.IntegerConstraints, most: number) =>
  fc.oneof({ weight: 9, arbitrary: fc.integer(few) }, { weight: 1, arbitrary: fc.constant(most) });

/** On AWS, some fields left to their defaults. */
export const awsInput: fc.Arbitrary<EnvironmentInput> = fc.record({
  ...common,
  dns: common.dns.filter(({ host = 'app', zone }) => `${host}.${zone}`.length <= 64),
  target: fc.constant('aws' as const),
  regions: two(fc.constantFrom(...awsRegions)),
  account: fc.stringMatching(/^\d{12}$/),
  repository: fc.stringMatching(/^[a-z][a-z0-9-]{0,10}\/[a-z][a-z0-9._-]{0,10}$/),
  protected: fc.boolean(),
  logRetentionDays: fc.constantFrom(1, 30, 3653),
  network: fc.record(
    {
      cidr: fc.integer({ min: 0, max: 127 }).map((pair) => `10.${2 * pair}.0.0/15`),
      natGateways: fc.constantFrom('zone', 'one'),
      connection: fc.constantFrom('peering', 'transit-gateway'),
    },
    { requiredKeys: ['cidr'] },
  ),
  cluster: fc
    .tuple(fc.integer({ min: 1, max: 450 }), fc.integer({ min: 1, max: 450 }))
    .map(([one, other]) => ({ minNodes: Math.min(one, other), maxNodes: Math.max(one, other) })),
  postgres: fc.record(
    {
      instanceClass: fc.constantFrom('db.r6i.2xlarge', 'db.t4g.micro', 'db.m7g.large', 'db.x2iedn.32xlarge'),
      multiAz: fc.boolean(),
      storageGb: fc.integer({ min: 20, max: 65_536 }),
      backupDays: fc.integer({ min: 1, max: 35 }),
      readReplicas: mostly({ min: 0, max: 3 }, 14),
    },
    { requiredKeys: ['instanceClass'] },
  ),
  cache: fc.record(
    {
      nodeType: fc.constantFrom('cache.r6g.xlarge', 'cache.m5.large', 'cache.c7gn.16xlarge'),
      shards: mostly({ min: 1, max: 4 }, 83),
      nodesPerShard: fc.integer({ min: 2, max: 6 }),
    },
    { requiredKeys: ['nodeType'] },
  ),
  autopilot: fc.record(
    {
      mode: fc.constantFrom('observe', 'act'),
      image: fc.stringMatching(/^[0-9a-f]{64}$/).map((digest) => `sha256:${digest}`),
    },
    optional,
  ),
});
const kubernetes: fc.Arbitrary<EnvironmentInput> = fc.record(
  {
    ...common,
    target: fc.constant('kubernetes' as const),
    regions: two(label),
    postgres: fc.record({ storageGb: fc.integer({ min: 1, max: 65_536 }) }, optional),
    cache: fc.record({ replicated: fc.boolean() }, optional),
  },
  { requiredKeys: ['name', 'target', 'regions', 'dns', 'objectives'] },
);
/** Valid, with every default written out. */
export const environment = fc
  .oneof(awsInput, kubernetes)
  .map((input) => parseEnvironment(input, 'generated'));
