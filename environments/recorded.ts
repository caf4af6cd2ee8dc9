import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Environment } from '.';
import { reasonOf, TandemError } from '../lib/errors';
import { section, text } from './fields';
import { linesOf, mistakesIn } from './mistakes';

const recorded = section({
  /** AWS puts a prefix before its name that nothing here can compute. */
  globalDatastoreId: text(
    /^[a-z]+-[a-z0-9-]+$/,
    'the id of a Global Datastore, such as ldgnf-cache',
  ).optional(),
});

/**
 * What AWS chose when an environment was made, and a region has to know without asking its peer. Written by `tandem up` and
 * `tandem down`.
 */
export type Recorded = z.output<typeof recorded>;

const schema = z.record(z.string(), recorded, 'what is recorded of each environment');
const source = 'environments/recorded.json';
// The same from environments/ and from the bundles in dist/.
const path = join(__dirname, '..', source);

/**
 * Reads what is recorded of an environment: from the file each time and not from a bundle, because `tandem up` changes it.
 * @throws TandemError RecordInvalid
 */
export const loadRecorded = ({ name }: Environment): Recorded => parseRecorded(readFile())[name] ?? {};

/**
 * Records what AWS chose for an environment; nothing takes its entry away.
 * @returns whether that changed the file, which has to be committed then
 * @throws TandemError RecordInvalid
 */
export function record({ name }: Environment, found: Recorded): boolean {
  const file = parseRecorded(readFile());
  const { [name]: before = {}, ...others } = file;
  if (before.globalDatastoreId === found.globalDatastoreId) return false;
  const after = { ...others, ...(found.globalDatastoreId !== undefined && { [name]: found }) };
  const sorted = Object.fromEntries(Object.entries(after).toSorted());
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
  return true;
}

/** @throws TandemError RecordInvalid */
export function parseRecorded(file: unknown): Readonly<Record<string, Recorded>> {
  const parsed = schema.safeParse(file);
  if (parsed.success) return parsed.data;
  throw new TandemError('RecordInvalid', {
    found: `mistakes in ${source}:${linesOf(mistakesIn(schema, file))}`,
    expected: 'what each line allows',
    next: `Restore ${source} from version control.`,
  });
}

function readFile(): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new TandemError('RecordInvalid', {
      found: `${source} can not be read: ${reasonOf(thrown)}`,
      expected: 'JSON, at least {}',
      next: `Restore ${source} from version control.`,
      cause: thrown,
    });
  }
}
