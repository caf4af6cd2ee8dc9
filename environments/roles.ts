import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Environment } from '.';
import { reasonOf, TandemError } from '../lib/errors';
import { oneOf, section, whole } from './fields';
import { linesOf, mistakesIn } from './mistakes';

const regionRole = section({
  role: oneOf(['active', 'standby', 'fenced', 'rebuilding']),
  /** Which incarnation of the region's stores; a rebuild makes the next one. */
  generation: whole(1, 9999),
});

export type RegionRole = z.output<typeof regionRole>;
/** What a region is now. `fenced` was active and may not write. */
export type Role = RegionRole['role'];
/** Who is what in an environment now, by region. */
export type Roles = Readonly<Record<string, RegionRole>>;

const source = 'environments/roles.json';
/** The same from environments/ and from the bundles in dist/. */
const path = join(__dirname, '..', source);

/**
 * Reads who is what now: from the file each time and not from a bundle, because a failover changes it.
 * @throws TandemError RolesInvalid
 */
export function loadRoles(environment: Environment): Roles {
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new TandemError('RolesInvalid', {
      found: `${source} can not be read: ${reasonOf(thrown)}`,
      expected: 'JSON that says each region’s role',
      next: `Restore ${source} from version control.`,
      cause: thrown,
    });
  }
  return parseRoles(file, environment);
}

/**
 * Writes who is what now into the file, whole or not at all; the other environments' stay as they are.
 * @throws TandemError RolesInvalid for roles that the file may not hold
 */
export function saveRoles(environment: Environment, roles: Roles): void {
  const all = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
  const next = { ...all, [environment.name]: roles };
  parseRoles(next, environment);
  // In the same folder, so that the rename is one step.
  writeFileSync(`${path}.new`, written(next));
  renameSync(`${path}.new`, path);
}

/** A region a line, as the file is written by hand: a changed role is a changed line. */
const written = (file: unknown): string =>
  `${JSON.stringify(file, null, 2).replaceAll(
    /\{\s+("role"[^}]*?)\s+\}/g,
    (_, inner: string) => `{ ${inner.replaceAll(/\s+/g, ' ')} }`,
  )}\n`;

/** @throws TandemError RolesInvalid */
export function parseRoles(file: unknown, environment: Environment): Roles {
  const regions = section(Object.fromEntries(environment.regions.map((region) => [region, regionRole])));
  const one = regions.refine(
    (roles) => Object.values(roles).filter(({ role }) => role === 'active').length === 1,
    'exactly one active region',
  );
  const schema = z.object({ [environment.name]: one }, 'the roles of each environment');
  const roles = schema.safeParse(file).data?.[environment.name];
  if (roles !== undefined) return roles;
  throw new TandemError('RolesInvalid', {
    found: `mistakes in ${source}:${linesOf(mistakesIn(schema, file))}`,
    expected: 'what each line allows',
    next: `Correct ${source}.`,
  });
}

/** @throws TandemError RolesInvalid when the region has none */
export function roleOf(roles: Roles, region: string): RegionRole {
  const found = roles[region];
  if (found) return found;
  throw new TandemError('RolesInvalid', {
    found: `no role of ${region}`,
    expected: 'a role of each region',
    next: `Add it to ${source}.`,
  });
}
