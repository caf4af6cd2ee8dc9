import { dirname } from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../../lib/errors';
import { isStateful } from '../../modules/stateful';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { lockTimeout } from './locks';
import type { Watched } from './each-stack';
import type { StackPlan } from './plan-stacks';
import { terraform } from './terraform';

/** Version 4 of a state, as far as it is asked here. */
const stateSchema = z.object({
  resources: z.array(
    z.object({
      mode: z.string(),
      type: z.string(),
      name: z.string(),
      instances: z.array(
        z.object({
          status: z.string().optional(),
          index_key: z.union([z.string(), z.number()]).optional(),
          attributes: z.record(z.string(), z.unknown()).nullish(),
        }),
      ),
    }),
  ),
});

/** The addresses of what is stateful and tainted in a state: a creation that was interrupted leaves it so. */
export const halfMadeIn = (state: unknown): readonly string[] =>
  stateSchema.parse(state).resources.flatMap(({ mode, type, name, instances }) =>
    instances.flatMap(({ status, index_key: key, attributes }) => {
      if (mode !== 'managed' || status !== 'tainted' || !isStateful(type, attributes ?? {})) return [];
      return `${type}.${name}${key === undefined ? '' : `[${JSON.stringify(key)}]`}`;
    }),
  );

/**
 * Keeps what is stateful and was left half made, where Terraform would replace it, or may not: what it lacks is added in place, or
 * says why not.
 * @returns the stacks that have to be planned again
 */
export async function keepHalfMade(
  plans: readonly StackPlan[],
  stage: readonly SynthesizedStack[],
  { progress, signal }: Watched,
): Promise<readonly SynthesizedStack[]> {
  const kept: SynthesizedStack[] = [];
  for (const stack of stage) {
    const planned = plans.find((each) => each.stack === stack.name);
    if (!planned || !mayReplace(planned)) continue;
    const folder = dirname(stack.path);
    const { stdout } = await terraform(folder, ['state', 'pull'], { signal });
    const addresses = stdout.trim() === '' ? [] : halfMadeIn(JSON.parse(stdout));
    for (const address of addresses) {
      await terraform(folder, ['untaint', lockTimeout, address], { signal }).catch((thrown: unknown) => {
        // Another run was first.
        if (!/is not\s+(currently )?tainted/.test(reasonOf(thrown))) throw thrown;
      });
      if (progress)
        console.log(`  ${stack.name}: ${address} was left half made; it is kept and finished in place`);
    }
    // A refused plan may be of before another run kept the same.
    if (addresses.length > 0 || planned.outcome === 'failed') kept.push(stack);
  }
  return kept;
}

/** Whether a plan destroys anything, or was refused because it may not. */
const mayReplace = (plan: StackPlan): boolean =>
  plan.outcome === 'failed' ? /GuardRefused|prevent_destroy/.test(plan.error.message) : plan.destroy > 0;
