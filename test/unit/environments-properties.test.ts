import fc from 'fast-check';
import { mistakesOf, parseEnvironment } from '../../environments';
import type { Environment, EnvironmentInput } from '../../environments';
import { awsRegions } from '../../environments/aws-regions';
import { TandemError } from '../../lib/errors';
import { physicalName, roleWords } from '../../lib/names';
import { edited } from './environments-fixture';

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
  // Longer than the slowest detection that these can describe: 30 s x 10 + 300 s.
  objectives: fc.record({
    rtoSeconds: fc.integer({ min: 601, max: 86_400 }),
    rpoSeconds: fc.nat(86_400),
    availabilityPercent: fc.double({ min: 90, max: 99.999, noNaN: true }),
  }),
};
const two = <T>(region: fc.Arbitrary<T>) =>
  fc.tuple(region, region).filter(([first, second]) => first !== second);

const aws: fc.Arbitrary<EnvironmentInput> = fc.record({
  ...common,
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
      readReplicas: fc.integer({ min: 0, max: 14 }),
    },
    { requiredKeys: ['instanceClass'] },
  ),
  cache: fc.record(
    {
      nodeType: fc.constantFrom('cache.r6g.xlarge', 'cache.m5.large', 'cache.c7gn.16xlarge'),
      shards: fc.integer({ min: 1, max: 83 }),
      nodesPerShard: fc.integer({ min: 2, max: 6 }),
    },
    { requiredKeys: ['nodeType'] },
  ),
});
const kubernetes: fc.Arbitrary<EnvironmentInput> = fc.record(
  {
    ...common,
    target: fc.constant('kubernetes' as const),
    regions: two(label),
    postgres: fc.record({ storageGb: fc.integer({ min: 1, max: 65_536 }) }, optional),
  },
  { requiredKeys: ['name', 'target', 'regions', 'dns', 'objectives'] },
);
/** Valid, with every default written out. */
const environment = fc.oneof(aws, kubernetes).map((input) => parseEnvironment(input, 'generated'));

/** The paths of every value in an environment, and of every section. */
function pathsOf(value: unknown, at = ''): { leaves: string[]; sections: string[] } {
  if (typeof value !== 'object' || value === null) return { leaves: [at], sections: [] };
  const within = Object.entries(value).map(([key, inner]) =>
    pathsOf(inner, at === '' ? key : `${at}.${key}`),
  );
  return {
    leaves: within.flatMap(({ leaves }) => leaves),
    sections: [...(Array.isArray(value) ? [] : [at]), ...within.flatMap(({ sections }) => sections)],
  };
}

interface Breakage {
  /** Where the mistake has to be reported. */
  readonly path: string;
  readonly suggestion?: string;
  /** The field it breaks: breaking one twice could mend it. */
  readonly field: string;
  readonly apply: (input: unknown) => unknown;
}

/** What no field takes, whatever its type. */
const wrong = fc.constantFrom<unknown[]>(
  null,
  [],
  {},
  -1,
  1e9,
  1.5,
  NaN,
  Infinity,
  'NOT VALID !',
  () => 1,
  10n,
);

/** A field set to what it can't be, a key that no section has, a key with a letter left out. */
function breakages(valid: Environment): fc.Arbitrary<Breakage> {
  const { leaves, sections } = pathsOf(valid);
  const fields = leaves.filter((path) => path !== 'target');
  return fc.oneof(
    fc.tuple(fc.constantFrom(...fields), wrong).map(([path, value]) => ({
      path,
      field: path,
      apply: (input: unknown) => edited(input, path, value),
    })),
    fc.constantFrom(...sections).map((section) => {
      const path = section === '' ? 'unheardOf' : `${section}.unheardOf`;
      return { path, field: path, apply: (input: unknown) => edited(input, path, 1) };
    }),
    fc.constantFrom(...fields.filter((path) => !path.startsWith('regions'))).map((field) => {
      const suggestion = field.split('.').at(-1) ?? '';
      const path = field.replace(suggestion, suggestion.slice(0, 2) + suggestion.slice(3));
      return { path, suggestion, field, apply: (input: unknown) => edited(edited(input, field), path, 1) };
    }),
  );
}

const broken = environment.chain((valid) =>
  fc
    .uniqueArray(breakages(valid), { minLength: 1, maxLength: 4, selector: ({ field }) => field })
    .map((ways) => ({ ways, input: ways.reduce<unknown>((input, { apply }) => apply(input), valid) })),
);

/** zod's own sentences, and JavaScript's accidents. */
const jargon = /Invalid (input|option)|received|Too (big|small)|Unrecognized|undefined|\[object/;

function expectInvalid(input: unknown) {
  try {
    parseEnvironment(input, 'a test');
  } catch (thrown) {
    if (!(thrown instanceof TandemError)) throw thrown;
    expect(thrown.code).toBe('EnvironmentInvalid');
    return thrown.message;
  }
  throw new TypeError('nothing was thrown');
}

it('accepts every valid description, and its own output unchanged', () => {
  fc.assert(
    fc.property(environment, (valid) => {
      expect(parseEnvironment(valid, 'again')).toEqual(valid);
    }),
    { numRuns: 300 },
  );
});

it('accepts no name and no region that a physical name refuses', () => {
  fc.assert(
    fc.property(environment, ({ name, regions }) => {
      for (const region of regions) {
        expect(() =>
          physicalName('rdsInstance', { environment: name, region, component: 'postgres' }),
        ).not.toThrow();
      }
    }),
  );
});

it('names every broken path, in words of the file', () => {
  fc.assert(
    fc.property(broken, ({ input, ways }) => {
      const message = expectInvalid(input);
      expect(message).not.toMatch(jargon);
      const mistakes = mistakesOf(input);
      for (const { found, allowed } of mistakes) {
        expect(found).not.toBe('');
        expect(allowed).not.toBe('');
      }
      for (const { path, suggestion } of ways) {
        const expected = suggestion === undefined ? { path } : { path, suggestion };
        expect(mistakes).toContainEqual(expect.objectContaining(expected));
      }
    }),
    { numRuns: 500 },
  );
});

it('answers anything else with EnvironmentInvalid', () => {
  const sections = fc.dictionary(
    fc.constantFrom('name', 'regions', 'dns', 'healthCheck', 'objectives', 'cluster', 'postgres', 'cache'),
    fc.anything({ withBigInt: true, withSparseArray: true, withNullPrototype: true }),
  );
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.anything({ withBigInt: true, withMap: true, withDate: true, withNullPrototype: true }),
    fc
      .tuple(sections, fc.constantFrom('aws', 'kubernetes', 'both'))
      .map(([some, target]) => ({ ...some, target })),
  );
  fc.assert(
    fc.property(anything, (input) => void expectInvalid(input)),
    { numRuns: 500 },
  );
});
