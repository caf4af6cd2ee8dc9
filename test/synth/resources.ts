import { z } from 'zod';
import type { Deployment } from '../../stacks/deployment';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { bytesOf, synthesized } from './graph';

const stackFile = z.object({
  provider: z.object({
    // None in a stack of another provider.
    aws: z.array(z.object({ alias: z.string().optional(), region: z.string() })).default([]),
  }),
  resource: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  data: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
});

/** A resource or data source as a stack declares it, by Terraform's own words. */
export interface Declared {
  readonly stack: string;
  readonly layer: string;
  readonly type: string;
  readonly id: string;
  /** `<stack>: <type>.<id>`, as violations name it. */
  readonly address: string;
  /** Where its provider creates it; the stack's, where the provider has none. */
  readonly region: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** An environment's stacks under one assignment of roles. */
export interface Graph {
  readonly deployment: Deployment;
  readonly stacks: readonly SynthesizedStack[];
  readonly resources: readonly Declared[];
  readonly data: readonly Declared[];
}

const known = new WeakMap<readonly SynthesizedStack[], Graph>();

/** What a deployment declares; read once a test file, as it is synthesized once. */
export function graphOf(deployment: Deployment): Graph {
  const stacks = synthesized([deployment]);
  const graph = known.get(stacks) ?? read(deployment, stacks);
  known.set(stacks, graph);
  return graph;
}

function read(deployment: Deployment, stacks: readonly SynthesizedStack[]): Graph {
  const files = stacks.map((stack) => ({ stack, ...stackFile.parse(JSON.parse(bytesOf(stack))) }));
  const declared = (kind: 'resource' | 'data'): readonly Declared[] =>
    files.flatMap(({ stack, provider, [kind]: types }) =>
      Object.entries(types).flatMap(([type, byId]) =>
        Object.entries(byId).map(([id, { provider: own, ...attributes }]) => ({
          stack: stack.name,
          layer: stack.layer,
          type,
          id,
          address: `${stack.name}: ${type}.${id}`,
          region:
            provider.aws.find(({ alias }) => own === (alias && `aws.${alias}`))?.region ?? stack.region ?? '',
          attributes,
        })),
      ),
    );
  return { deployment, stacks, resources: declared('resource'), data: declared('data') };
}

/** Both assignments of roles, under the generations that a failover leaves. */
export function bothWays(deployment: Deployment): readonly Deployment[] {
  const [first, second] = deployment.environment.regions;
  const assigned = (active: string, standby: string): Deployment => ({
    ...deployment,
    roles: { [active]: { role: 'active', generation: 1 }, [standby]: { role: 'standby', generation: 2 } },
  });
  return [assigned(first, second), assigned(second, first)];
}

/** The value at a path such as `rule.expiration.days`. A block may be written as a list of one. */
export function at(attributes: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    const block: unknown = Array.isArray(value) ? value[0] : value;
    return typeof block === 'object' && block !== null ? Reflect.get(block, key) : undefined;
  }, attributes);
}

/** Whether an attribute of a resource refers to another one of its stack. */
export const refersTo = (from: Declared, to: Declared, attribute: string): boolean =>
  from.stack === to.stack &&
  JSON.stringify(from.attributes[attribute] ?? null).includes(`\${${to.type}.${to.id}.`);

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const document = z.object({
  Statement: z.array(
    z.object({
      Sid: z.string().optional(),
      Effect: z.enum(['Allow', 'Deny']),
      Principal: z.unknown().optional(),
      Action: oneOrMore.optional(),
      NotAction: oneOrMore.optional(),
      Resource: oneOrMore.optional(),
      NotResource: oneOrMore.optional(),
      Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
    }),
  ),
});
export type PolicyStatement = z.infer<typeof document>['Statement'][number];

/** The statements of a policy that an attribute holds. */
export function statementsOf(policy: unknown): readonly PolicyStatement[] {
  return typeof policy === 'string' && policy.startsWith('{"Version"')
    ? document.parse(JSON.parse(policy)).Statement
    : [];
}
