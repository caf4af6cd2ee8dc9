import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** What `terraform show -json` says of a plan, as far as a reader of changes needs it. */
const planFile = z.object({
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        type: z.string(),
        /** Why it is replaced or destroyed, such as `replace_because_tainted`. */
        action_reason: z.string().optional(),
        change: z.object({
          actions: z.array(z.enum(['no-op', 'create', 'read', 'update', 'delete', 'forget'])),
          before: z.unknown(),
          after: z.unknown(),
          after_unknown: z.unknown(),
          before_sensitive: z.unknown(),
          after_sensitive: z.unknown(),
          replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
        }),
      }),
    )
    .default([]),
});

export type PlannedResource = z.infer<typeof planFile>['resource_changes'][number];
type Change = PlannedResource['change'];
type Action = Exclude<Change['actions'][number], 'no-op'> | 'replace';

/** One attribute that a plan sets, changes or removes; the values as JSON, as they may be shown. */
export interface AttributeChange {
  /** Such as `ingress.0.from_port`. */
  readonly path: string;
  /** Left out when there was none. */
  readonly before?: string;
  /** Left out when there will be none. */
  readonly after?: string;
  readonly forcesReplacement: boolean;
}

export interface ResourceChange {
  readonly address: string;
  readonly action: Action;
  /** In the order of their paths. */
  readonly attributes: readonly AttributeChange[];
}

/** Every resource of a plan with its values in clear, those that stay as they are too. */
export const resourcesIn = (plan: unknown): readonly PlannedResource[] =>
  planFile.parse(plan).resource_changes;

/** What a plan changes, by `terraform show -json`. A sensitive value never leaves this function. */
export function changesIn(plan: unknown): readonly ResourceChange[] {
  return resourcesIn(plan).flatMap(({ address, change }) => {
    const [first, second] = change.actions;
    if (first === undefined || first === 'no-op') return [];
    return { address, action: second ? 'replace' : first, attributes: attributesOf(change) };
  });
}

function attributesOf(change: Change): readonly AttributeChange[] {
  const before = leavesOf(change.before, change.before_sensitive, undefined);
  const after = leavesOf(change.after, change.after_sensitive, change.after_unknown);
  const replacing = (change.replace_paths ?? []).map((path) => path.join('.'));
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((path) => {
    const [was, becomes] = [before.get(path), after.get(path)];
    if (isDeepStrictEqual(was, becomes)) return [];
    return {
      path,
      ...(was && { before: was.shown }),
      ...(becomes && { after: becomes.shown }),
      forcesReplacement: replacing.some((at) => path === at || path.startsWith(`${at}.`)),
    };
  });
}

interface Leaf {
  /** Kept, so that a changed secret is a change although both sides show the same. */
  readonly value: unknown;
  readonly shown: string;
}

/**
 * The values below `value` by their paths; what is null or empty is not there. Terraform's marks have the shape of the
 * value, with `true` for a whole that is marked.
 */
function leavesOf(value: unknown, sensitive: unknown, unknown: unknown, at = ''): Map<string, Leaf> {
  const set = unknown === true || (value !== null && value !== undefined);
  if (sensitive === true && set) return new Map([[at, { value, shown: '(sensitive)' }]]);
  if (unknown === true) return new Map([[at, { value: undefined, shown: '(known after apply)' }]]);
  const keys = [...new Set([value, unknown].flatMap(keysOf))];
  if (keys.length > 0) {
    return new Map(
      keys.flatMap((key) => [
        ...leavesOf(
          inside(value, key),
          inside(sensitive, key),
          inside(unknown, key),
          at === '' ? key : `${at}.${key}`,
        ),
      ]),
    );
  }
  const absent = value === null || value === undefined || typeof value === 'object';
  return absent ? new Map<string, Leaf>() : new Map([[at, { value, shown: JSON.stringify(value) }]]);
}

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];

const inside = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
