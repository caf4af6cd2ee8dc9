import { z } from 'zod';

/*
 * What the schemas of environments and roles are made of. A field's message says what it allows, once for every way
 * to miss it: mistakes.ts shows it as it is.
 */

export const whole = (min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int(allowed).min(min, allowed).max(max, allowed);
};

export const text = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed);

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `one of ${values.join(', ')}`);

export const section = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, `a section of ${Object.keys(shape).join(', ')}`);
