import fc from 'fast-check';
import { mistakesOf, parseEnvironment } from '../../environments';
import type { Environment } from '../../environments';
import { TandemError } from '../../lib/errors';
import { physicalName } from '../../lib/names';
import { environment } from '../support/arbitrary-environment';
import { edited } from './environments-fixture';

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
