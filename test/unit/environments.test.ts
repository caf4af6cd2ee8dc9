import { environmentNames, loadEnvironment, mistakesOf, parseEnvironment } from '../../environments';
import { TandemError } from '../../lib/errors';
import { edited, local, production } from './environments-fixture';

const errorOf = (run: () => unknown): TandemError => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof TandemError) return thrown;
    throw thrown;
  }
  throw new TypeError('nothing was thrown');
};

describe('the environments that exist', () => {
  it.each(environmentNames)('%s is valid', (name) => {
    expect(loadEnvironment(name).name).toBe(name);
  });

  it('has production as it is promised', () => {
    expect(loadEnvironment('production')).toMatchObject({
      regions: ['us-east-1', 'us-west-2'],
      dns: { zone: 'tandem.example', host: 'app', ttlSeconds: 30 },
      healthCheck: { path: '/ready', intervalSeconds: 30, failureThreshold: 3 },
      cluster: { instanceType: 't3.large', minNodes: 10, maxNodes: 50 },
      postgres: {
        instanceClass: 'db.r6i.2xlarge',
        multiAz: true,
        storageGb: 500,
        storageType: 'gp3',
        backupDays: 30,
        readReplicas: 2,
      },
      cache: { nodeType: 'cache.r6g.xlarge', shards: 3, nodesPerShard: 2 },
      objectives: { rtoSeconds: 300, rpoSeconds: 30, availabilityPercent: 99.99 },
      autopilot: { mode: 'observe' },
    });
  });

  it.each([
    ['prodution', 'Did you mean production?'],
    ['prod', 'Did you mean production?'],
    ['Staging', 'Did you mean staging?'],
    ['elsewhere', 'Name one of those, or add a file to environments/.'],
  ])('answers %s with the nearest name, if there is one', (name, next) => {
    const error = errorOf(() => loadEnvironment(name));
    expect(error.code).toBe('EnvironmentUnknown');
    expect(error.detail).toMatchObject({
      found: `no environment named "${name}"`,
      expected: 'one of dev, local, production, staging',
      next,
    });
  });
});

describe('one thing broken', () => {
  const rows: [rule: string, path: string, value: unknown, allowed: RegExp, fixture?: unknown][] = [
    ['a name is lower case', 'name', 'Production', /lower-case DNS label/],
    ['a name starts with a letter', 'name', '1st', /lower-case DNS label/],
    ['a name fits a DNS label', 'name', 'a'.repeat(64), /lower-case DNS label/],
    ['a name says no role', 'name', 'the-standby', /without a role/],
    ['a field that misses twice is told once', 'name', '-standby', /lower-case DNS label without a role/],
    ['a target is known', 'target', 'gcp', /^one of aws, kubernetes$/],
    ['a region is AWS’s', 'regions.1', 'mars-north-1', /an AWS region/],
    ['a region has Global Datastore', 'regions.1', 'ap-east-2', /Global Datastore/],
    ['regions differ', 'regions.1', 'us-east-1', /another region than the first/],
    ['a local region is a place', 'regions.0', 'primary', /without a role/, local],
    ['a local region is a label', 'regions.0', 'East', /lower-case DNS label/, local],
    ['a zone has a dot', 'dns.zone', 'example', /a domain in lower case/],
    ['a zone is a name, no address', 'dns.zone', '192.0.2.1', /a domain in lower case/],
    ['a host is DNS labels', 'dns.host', 'app_1', /lower-case DNS labels/],
    ['a TTL is no longer than five minutes', 'dns.ttlSeconds', 301, /^a whole number from 1 to 300$/],
    ['a TTL is whole', 'dns.ttlSeconds', 0.5, /^a whole number from 1 to 300$/],
    ['a health check has a path', 'healthCheck.path', 'ready', /a path/],
    ['a health check’s path is short', 'healthCheck.path', `/${'a'.repeat(255)}`, /at most 255 characters/],
    ['Route 53 has two intervals', 'healthCheck.intervalSeconds', 15, /^10 or 30/],
    ['a threshold is at most 10', 'healthCheck.failureThreshold', 11, /from 1 to 10$/],
    ['an RTO is a whole number', 'objectives.rtoSeconds', '300', /a whole number/],
    ['an RPO is not negative', 'objectives.rpoSeconds', -1, /from 0 to/],
    ['nothing is available always', 'objectives.availabilityPercent', 100, /below 100/],
    ['a node has an EC2 type', 'cluster.instanceType', 't3', /EC2 instance type/],
    ['a cluster has nodes', 'cluster.minNodes', 0, /from 1 to 450/],
    ['RDS classes start with db', 'postgres.instanceClass', 'r6i.2xlarge', /RDS instance class/],
    ['multiAz is true or false', 'postgres.multiAz', 'yes', /^true or false$/],
    ['gp3 starts at 20 GB', 'postgres.storageGb', 19, /from 20 to 65536/],
    ['storage is gp3', 'postgres.storageType', 'io2', /^one of gp3$/],
    ['a replica needs backups', 'postgres.backupDays', 0, /from 1 to 35/],
    ['RDS keeps backups 35 days', 'postgres.backupDays', 36, /from 1 to 35/],
    ['the peer is one of 15 replicas', 'postgres.readReplicas', 15, /from 0 to 14/],
    ['ElastiCache types start with cache', 'cache.nodeType', 'r6g.xlarge', /ElastiCache node type/],
    ['Global Datastore starts at large', 'cache.nodeType', 'cache.t4g.micro', /from size large/],
    ['a shard has at most five replicas', 'cache.nodesPerShard', 7, /from 1 to 6/],
    ['the autopilot observes or acts', 'autopilot.mode', 'fly', /^one of observe, act$/],
    ['an image is known by its digest', 'autopilot.image', 'latest', /^the digest of an image/],
    ['a local volume has a size', 'postgres.storageGb', 0, /from 1 to 65536/, local],
    ['a local cache is replicated or not', 'cache.replicated', 'yes', /^true or false$/, local],
  ];

  it.each(rows)('%s (%s)', (_rule, path, value, allowed, fixture = production) => {
    const error = errorOf(() => parseEnvironment(edited(fixture, path, value), 'a test'));
    expect(error.code).toBe('EnvironmentInvalid');
    const [mistake, ...more] = mistakesOf(edited(fixture, path, value));
    expect(more).toEqual([]);
    expect(mistake?.path).toBe(path);
    expect(mistake?.found).toContain(JSON.stringify(value).slice(0, 50));
    expect(mistake?.allowed).toMatch(allowed);
    expect(error.detail.found).toContain(`\n  ${path}: found `);
  });
});

describe('fields that do not fit together', () => {
  const rows: [
    rule: string,
    edits: [path: string, value: unknown][],
    path: string,
    allowed: string,
    fixture?: unknown,
  ][] = [
    [
      'least nodes are not more than most',
      [['cluster.minNodes', 51]],
      'cluster.minNodes',
      'at most maxNodes, 50',
    ],
    [
      'a cache with Multi-AZ has a replica',
      [['cache.nodesPerShard', 1]],
      'cache.nodesPerShard',
      'at least 2 with postgres.multiAz, so that the cache outlives a zone as well',
    ],
    [
      'a cache has 500 nodes at most',
      [['cache.shards', 251]],
      'cache.shards',
      'at most 250 with nodesPerShard 2: a cluster has 500 nodes',
    ],
    [
      'an RTO is longer than detection',
      [['objectives.rtoSeconds', 120]],
      'objectives.rtoSeconds',
      'more than 120: clients need intervalSeconds 30 x failureThreshold 3 + ttlSeconds 30 to be moved',
    ],
    [
      'an autopilot that acts has time for it',
      [
        ['autopilot.mode', 'act'],
        ['objectives.rtoSeconds', 284],
      ],
      'autopilot.mode',
      'observe, or act with an RTO from 285 s: the verdict takes 120, the decision 15, the promotion 150',
    ],
    [
      'a region’s own name fits in DNS',
      [
        ['dns.zone', `${'z.'.repeat(100)}example`],
        ['dns.host', 'h'.repeat(36)],
      ],
      'dns.host',
      'at most 35 characters, so that <region>.<host>.<zone> fits in 253',
      local,
    ],
    [
      'a certificate has 64 characters for its name',
      [['dns.host', 'h'.repeat(50)]],
      'dns.host',
      'at most 49 characters, so that ACM certifies <host>.<zone>',
    ],
  ];

  it.each(rows)('%s', (_rule, edits, path, allowed, fixture = production) => {
    const input = edits.reduce((so, [at, value]) => edited(so, at, value), fixture);
    expect(mistakesOf(input)).toEqual([expect.objectContaining({ path, allowed })]);
  });

  it('is told of a default by its value', () => {
    const input = edited(edited(production, 'cluster.minNodes'), 'cluster.maxNodes', 1);
    expect(mistakesOf(input)).toEqual([
      { path: 'cluster.minNodes', found: '2', allowed: 'at most maxNodes, 1' },
    ]);
  });

  it('lets an autopilot act that has just time enough', () => {
    const acting = edited(production, 'autopilot.mode', 'act');
    expect(mistakesOf(edited(acting, 'objectives.rtoSeconds', 285))).toEqual([]);
  });

  it('accepts an RTO one second above the floor', () => {
    expect(mistakesOf(edited(production, 'objectives.rtoSeconds', 121))).toEqual([]);
  });
});

describe('the report', () => {
  it('names everything at once, with what was probably meant', () => {
    let input = edited(production, 'postgres.backupDays');
    input = edited(input, 'postgres.backupDys', 30);
    input = edited(input, 'postgres.instanceClass');
    input = edited(input, 'regions.1', 'us-wset-2');
    input = edited(input, 'objectives.rtoSeconds', 100);
    input = edited(input, 'cluster.minNodes', 60);
    input = edited(input, 'cache', 3);
    const error = errorOf(() => parseEnvironment(input, 'environments/production.ts'));
    expect(error.detail.found.split('\n')).toEqual([
      'mistakes in environments/production.ts:',
      expect.stringMatching(/^ {2}regions\.1: found "us-wset-2"; allowed: .* \(did you mean us-west-2\?\)$/),
      expect.stringMatching(/^ {2}postgres\.instanceClass: found nothing; allowed: an RDS instance class/),
      '  postgres.backupDys: found 30; allowed: only instanceClass, multiAz, storageGb, storageType, backupDays, readReplicas (did you mean backupDays?)',
      '  cache: found 3; allowed: a section of nodeType, shards, nodesPerShard',
      expect.stringMatching(/^ {2}objectives\.rtoSeconds: found 100; allowed: more than 120/),
      '  cluster.minNodes: found 60; allowed: at most maxNodes, 50',
    ]);
    expect(error.detail.next).toBe('Correct environments/production.ts.');
  });

  it('still checks what all targets share when the target is a slip', () => {
    const input = edited(edited(production, 'target', 'awz'), 'dns.ttlSeconds', 0);
    expect(mistakesOf(input)).toEqual([
      expect.objectContaining({ path: 'dns.ttlSeconds' }),
      expect.objectContaining({ path: 'target', found: '"awz"', suggestion: 'aws' }),
    ]);
  });

  it('does not let an unknown key hide a rule, nor suggests a key that is there', () => {
    let input = edited(production, 'objectives.rpoSeconds');
    input = edited(input, 'objectives.roSeconds', 30);
    input = edited(input, 'objectives.rtoSeconds', 100);
    expect(mistakesOf(input)).toEqual([
      expect.objectContaining({ path: 'objectives.roSeconds', suggestion: 'rpoSeconds' }),
      expect.objectContaining({ path: 'objectives.rtoSeconds', found: '100' }),
    ]);
  });

  it.each([
    [NaN, 'NaN'],
    [10n, '10'],
    [() => 1, 'a function'],
    [{ days: 10n }, 'a value that JSON has no form for'],
  ])('says %p where JSON can not', (value, found) => {
    expect(mistakesOf(edited(production, 'postgres.backupDays', value))).toMatchObject([{ found }]);
  });

  it('shortens what it found', () => {
    const [mistake] = mistakesOf(edited(production, 'cluster', 'x'.repeat(1000)));
    expect(mistake?.found).toMatch(/^"x{56}…$/);
  });

  it.each([null, [], 'production', 3, undefined])('says what %p is instead of an environment', (input) => {
    expect(mistakesOf(input)).toEqual([expect.objectContaining({ path: '(the whole)' })]);
  });
});
