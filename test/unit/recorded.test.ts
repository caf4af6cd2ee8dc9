import file from '../../environments/recorded.json';
import { environmentNames, loadEnvironment } from '../../environments';
import { loadRecorded, parseRecorded } from '../../environments/recorded';

it('knows no environment that does not exist', () => {
  expect(environmentNames).toEqual(expect.arrayContaining(Object.keys(file)));
});

it.each(environmentNames)('can be read for %s, also where nothing is recorded', (name) => {
  expect(loadRecorded(loadEnvironment(name))).toEqual(parseRecorded(file)[name] ?? {});
});

it('keeps the id that AWS gave', () => {
  const recorded = { production: { globalDatastoreId: 'ldgnf-tandem-production-global-cache' } };
  expect(parseRecorded(recorded)).toEqual(recorded);
});

it.each([
  ['an id has a prefix', { production: { globalDatastoreId: 'cache' } }, /globalDatastoreId: found "cache"/],
  [
    'nothing else is recorded',
    { production: { globalDatastore: 'ldgnf-cache' } },
    /globalDatastore: found "ldgnf-cache"; allowed: only globalDatastoreId/,
  ],
  ['it is a section', [], /\(the whole\): found \[\]/],
])('%s', (_, broken, line) => {
  expect(() => parseRecorded(broken)).toThrow(line);
});
