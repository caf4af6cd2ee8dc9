import fc from 'fast-check';
import { nameRules, physicalName, roleWords } from '../../lib/names';
import type { NameKind, NameParts } from '../../lib/names';
import { TandemError } from '../../lib/errors';
import { tagsOf } from '../../lib/tags';

const kinds = Object.keys(nameRules).filter((key): key is NameKind => key in nameRules);

/** Few and short words, so that other parts often join to the same text; now and then a long one. */
const label = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[abg1][b2]?(-[abg1][12]?){0,3}$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{20,40}(-[a-z0-9]{1,9}){0,3}$/) },
);
const parts: fc.Arbitrary<NameParts> = fc
  .tuple(
    label,
    fc.option(fc.oneof(label, fc.constantFrom('us-east-1', 'us-west-2', 'global')), { nil: undefined }),
    label.filter((component) => !component.split('-').some((word) => roleWords.includes(word))),
    fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  )
  .map(([environment, region, component, generation]) => ({
    environment,
    component,
    ...(region !== undefined && { region }),
    ...(generation !== undefined && { generation }),
  }));

describe('physicalName', () => {
  it.each(kinds)('gives a %s that AWS takes', (kind) => {
    fc.assert(
      fc.property(parts, (some) => {
        const name = physicalName(kind, some);
        expect(name.length).toBeLessThanOrEqual(nameRules[kind].max);
        expect(name).toMatch(nameRules[kind].pattern);
        // The narrowest alphabet of all, so that a name can be reused across kinds.
        expect(name).toMatch(/^tandem-[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });

  it('never gives two things of a kind one name', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.uniqueArray(parts, { selector: JSON.stringify }),
        (kind, all) => {
          expect(new Set(all.map((some) => physicalName(kind, some))).size).toBe(all.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each<[NameKind, NameParts, string]>([
    [
      'rdsInstance',
      { environment: 'production', region: 'us-east-1', component: 'postgres', generation: 1 },
      'tandem-production-us-east-1-postgres-g1',
    ],
    [
      'elasticacheReplicationGroup',
      { environment: 'dev', region: 'us-west-2', component: 'cache', generation: 2 },
      'tandem-dev-us-west-2-cache-g2',
    ],
    [
      'elasticacheReplicationGroup',
      { environment: 'production', region: 'ap-southeast-2', component: 'cache', generation: 1 },
      'tandem-production-ap-southeast-2e8cdf5f',
    ],
    ['alarm', { environment: 'local', region: 'east', component: 'latch' }, 'tandem-local-east-latch'],
    ['iamRole', { environment: 'staging', component: 'drill-runner' }, 'tandem-staging-global-drill-runner'],
    [
      'loadBalancer',
      { environment: 'production', region: 'us-east-1', component: 'workload' },
      'tandem-production-us-ea-53ba6d56',
    ],
  ])('stays what it was: %s %j', (kind, some, name) => {
    expect(physicalName(kind, some)).toBe(name);
  });

  it('does not end a secret like an ARN’s own suffix', () => {
    const master = { environment: 'production', region: 'us-east-1', component: 'master' };
    expect(physicalName('secret', master)).toMatch(/^tandem-production-us-east-1-master-[0-9a-f]{8}$/);
    expect(physicalName('rdsInstance', master)).toBe('tandem-production-us-east-1-master');
  });

  it('marks names that could be read as other parts', () => {
    const name = (some: NameParts) => physicalName('rdsInstance', some);
    expect(name({ environment: 'x', region: 'east', component: 'y-g2' })).toMatch(
      /^tandem-x-east-y-g2-\w{8}$/,
    );
    expect(name({ environment: 'x', region: 'global', component: 'y' })).toMatch(/^tandem-x-global-y-\w{8}$/);
    expect(name({ environment: 'x-y', region: 'east', component: 'z' })).toMatch(/^tandem-x-y-east-z-\w{8}$/);
    expect(name({ environment: 'x', region: 'east', component: 'y-deadbeef' })).toMatch(/-deadbeef-\w{8}$/);
  });

  it.each<[why: string, wrong: Partial<NameParts>, found: string]>([
    ['no capitals', { environment: 'Production' }, '"Production"'],
    ['no empty part', { region: '' }, '""'],
    ['no double hyphen', { component: 'a--b' }, '"a--b"'],
    ['no hyphen at an end', { component: 'a-' }, '"a-"'],
    ['no generation before 1', { generation: 0 }, '0'],
    ['no half generation', { generation: 1.5 }, '1.5'],
    ...roleWords.map((role): [string, Partial<NameParts>, string] => [
      `no role ${role}`,
      { component: `postgres-${role}` },
      `"postgres-${role}"`,
    ]),
  ])('takes %s', (_why, wrong, found) => {
    const build = () => physicalName('rdsInstance', { environment: 'x', component: 'y', ...wrong });
    expect(build).toThrow(TandemError);
    expect(build).toThrow(`NameInvalid: the part ${found}; expected`);
  });
});

describe('tagsOf', () => {
  it('gives a fresh object each time, with a region only where there is one', () => {
    const of = { environment: 'dev', layer: 'traffic' };
    expect(tagsOf(of)).toEqual({ 'tandem:environment': 'dev', 'tandem:layer': 'traffic' });
    expect(tagsOf({ ...of, region: 'us-east-1' })).toMatchObject({ 'tandem:region': 'us-east-1' });
    expect(tagsOf(of)).not.toBe(tagsOf(of));
  });
});
