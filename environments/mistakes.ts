import { distance } from 'fastest-levenshtein';
import { z } from 'zod';

/** One thing that is wrong in a file, in the words of whoever wrote the file. */
export interface Mistake {
  /** Where, such as `postgres.backupDays`. */
  readonly path: string;
  /** What is there, as JSON, shortened. */
  readonly found: string;
  readonly allowed: string;
  /** What was probably meant, where something allowed is nearly the same. */
  readonly suggestion?: string;
}

/** The candidate that `word` is a slip of: few letters apart, or cut short. Case doesn't count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const written = word.toLowerCase();
  const cutShort = candidates.filter((candidate) => candidate.toLowerCase().startsWith(written));
  if (cutShort.length === 1 && written.length > 1) return cutShort[0];
  const [best] = candidates
    .map((candidate) => ({ candidate, apart: distance(written, candidate.toLowerCase()) }))
    .sort((one, other) => one.apart - other.apart);
  return best && best.apart <= Math.max(1, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

/**
 * What `schema` finds wrong in `input`, in the words of the file. A field's own message is what it allows
 * (fields.ts), so only unknown keys, which need their section's keys, are worded here.
 */
export function mistakesIn(schema: z.ZodType, input: unknown): Mistake[] {
  const issues = schema.safeParse(input, { reportInput: true }).error?.issues ?? [];
  const mistakes = issues.flatMap((issue): Mistake[] => {
    const { path, message } = issue;
    if (issue.code === 'unrecognized_keys') {
      const keys = keysAt(schema, path);
      // What is there already isn't what was meant.
      const absent = keys.filter((known) => valueAt(issue.input, [known]) === undefined);
      return issue.keys.map((key) => {
        const found = valueAt(issue.input, [key]);
        return mistake([...path, key], found, `only ${keys.join(', ')}`, nearest(key, absent));
      });
    }
    const words =
      issue.code === 'invalid_value' ? issue.values.filter((value) => typeof value === 'string') : [];
    const suggestion = typeof issue.input === 'string' ? nearest(issue.input, words) : undefined;
    return [mistake(path, issue.input, message, suggestion)];
  });
  // A field that misses in two ways allows the same in both: it is said once.
  return mistakes.filter(
    ({ path, allowed }, at) =>
      at === mistakes.findIndex((other) => other.path === path && other.allowed === allowed),
  );
}

/** The mistakes as lines of a message, one each. */
export function linesOf(mistakes: readonly Mistake[]): string {
  return mistakes
    .map(({ path, found, allowed, suggestion }) => {
      const meant = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
      return `\n  ${path}: found ${found}; allowed: ${allowed}${meant}`;
    })
    .join('');
}

function mistake(
  path: PropertyKey[],
  found: unknown,
  allowed: string,
  suggestion: string | undefined,
): Mistake {
  const at = path.length === 0 ? '(the whole)' : path.map(String).join('.');
  return { path: at, found: shown(found), allowed, ...(suggestion !== undefined && { suggestion }) };
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  try {
    const json = JSON.stringify(value);
    return json.length <= 60 ? json : `${json.slice(0, 57)}…`;
  } catch {
    return 'a value that JSON has no form for';
  }
}

export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const own = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return own ? Reflect.get(value, key) : undefined;
  }, input);
}

function keysAt(schema: unknown, [head, ...rest]: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodPrefault)
    return keysAt(schema.unwrap(), head === undefined ? [] : [head, ...rest]);
  if (schema instanceof z.ZodRecord) return head === undefined ? [] : keysAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  if (head === undefined) return Object.keys(schema.shape);
  return keysAt(schema.shape[String(head)], rest);
}
