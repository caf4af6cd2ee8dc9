import { loadEnvironment } from '../../environments';

/** Production with every default written out, so that a test can break any field of it. */
export const production: unknown = loadEnvironment('production');
export const local: unknown = loadEnvironment('local');

/** A copy of `input` with the field at `path` set, or without it when no value is given. */
export function edited(input: unknown, path: string, ...value: [] | [unknown]): unknown {
  const [head = '', ...rest] = path.split('.');
  if (typeof input !== 'object' || input === null) throw new TypeError(`nothing to edit at ${path}`);
  const copy: object = Array.isArray(input) ? Array.from<unknown>(input) : { ...input };
  if (rest.length > 0) Reflect.set(copy, head, edited(Reflect.get(copy, head), rest.join('.'), ...value));
  else if (value.length > 0) Reflect.set(copy, head, value[0]);
  else Reflect.deleteProperty(copy, head);
  return copy;
}
