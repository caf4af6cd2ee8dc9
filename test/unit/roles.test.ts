import rolesFile from '../../environments/roles.json';
import { environmentNames, loadEnvironment } from '../../environments';
import { loadRoles, parseRoles } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import { edited } from './environments-fixture';

const production = loadEnvironment('production');

describe('roles.json', () => {
  it.each(environmentNames)('says who is what in %s', (name) => {
    const environment = loadEnvironment(name);
    expect(Object.keys(loadRoles(environment))).toEqual(environment.regions);
  });

  it('knows no other environment', () => {
    expect(Object.keys(rolesFile).sort()).toEqual([...environmentNames].sort());
  });

  it('keeps each region’s role and generation', () => {
    const after = edited(edited(rolesFile, 'production.us-east-1.role', 'fenced'), 'production.us-west-2', {
      role: 'active',
      generation: 2,
    });
    expect(parseRoles(after, production)).toEqual({
      'us-east-1': { role: 'fenced', generation: 1 },
      'us-west-2': { role: 'active', generation: 2 },
    });
  });
});

describe('one thing broken', () => {
  const rows: [rule: string, file: unknown, line: string | RegExp][] = [
    ['the file is a section', [], /\(the whole\): found \[\]; allowed: the roles of each environment/],
    [
      'an environment has roles',
      edited(rolesFile, 'production'),
      /production: found nothing; allowed: a section/,
    ],
    [
      'both regions have one',
      edited(rolesFile, 'production.us-west-2'),
      /production\.us-west-2: found nothing; allowed: a section of role, generation/,
    ],
    [
      'regions are the environment’s',
      edited(edited(rolesFile, 'production.us-west-2'), 'production.us-west-1', {
        role: 'standby',
        generation: 1,
      }),
      /production\.us-west-1: found .*; allowed: only us-east-1, us-west-2 \(did you mean us-west-2\?\)/,
    ],
    [
      'a role is known',
      edited(rolesFile, 'production.us-west-2.role', 'stanby'),
      'production.us-west-2.role: found "stanby"; allowed: one of active, standby, fenced, rebuilding (did you mean standby?)',
    ],
    [
      'a generation counts from 1',
      edited(rolesFile, 'production.us-west-2.generation', 0),
      /production\.us-west-2\.generation: found 0; allowed: a whole number from 1/,
    ],
    [
      'two regions are not active',
      edited(rolesFile, 'production.us-west-2.role', 'active'),
      /production: found .*; allowed: exactly one active region/,
    ],
    [
      'one region is active',
      edited(rolesFile, 'production.us-east-1.role', 'standby'),
      /production: found .*; allowed: exactly one active region/,
    ],
  ];

  it.each(rows)('%s', (_rule, file, line) => {
    const parse = () => parseRoles(file, production);
    expect(parse).toThrow(TandemError);
    expect(parse).toThrow(/^RolesInvalid: mistakes in environments\/roles\.json:\n/);
    expect(parse).toThrow(line);
  });
});
