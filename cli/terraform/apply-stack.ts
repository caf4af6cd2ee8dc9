import { dirname } from 'node:path';
import { z } from 'zod';
import { TandemError } from '../../lib/errors';
import { bootstrapLayers } from '../../stacks/aws-stack';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { adopt } from './adopt';
import { lockedOr, lockTimeout } from './locks';
import type { PlannedStack } from './plan-stacks';
import { diagnosticsIn, failureOf, terraform } from './terraform';
import { completedIn } from './lines';

/** Layers whose second region copies what the first has, by ids that are known only once it is there. */
const oneRegionAfterTheOther: readonly string[] = ['data'];

/**
 * The stacks in the order in which they are applied: layer by layer without those of bootstrap, both regions of a layer at once
 * but where one needs the other.
 */
export function stagesOf(stacks: readonly SynthesizedStack[]): readonly (readonly SynthesizedStack[])[] {
  const stages: SynthesizedStack[][] = [];
  for (const stack of stacks) {
    if (bootstrapLayers.includes(stack.layer)) continue;
    const last = stages.at(-1);
    const together = last?.[0]?.layer === stack.layer && !oneRegionAfterTheOther.includes(stack.layer);
    if (last && together) last.push(stack);
    else stages.push([stack]);
  }
  return stages;
}

/**
 * Applies a stack's plan as it was shown and confirmed. Aborted, it lets Terraform finish the stack.
 * @param say hears of each resource that is done, and how many there are
 * @throws TandemError TerraformFailed, StateLocked; PlanOvertaken when somebody else applied since it was planned, or
 * had made something before that no state knew
 */
export async function applyStack(
  stack: SynthesizedStack,
  { file, add, change, destroy }: PlannedStack,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const folder = dirname(stack.path);
  const args = ['apply', '-json', '-input=false', lockTimeout, file] as const;
  let done = 0;
  const onLine = (line: string) => {
    const message = completedIn(line);
    if (message !== undefined) say(`${++done} of ${add + change + destroy}: ${message}`);
  };
  const patience = () =>
    say('asked to end: Terraform finishes this stack first; asked again, it leaves what AWS is making');
  signal.addEventListener('abort', patience, { once: true });
  const output = await terraform(folder, args, { signal, accept: [0, 1], onLine }).finally(() =>
    signal.removeEventListener('abort', patience),
  );
  if (output.exitCode === 0) return;
  const adopted = await adopt({ stack, plan: file, output, signal, say });
  if (adopted > 0) {
    throw new TandemError('PlanOvertaken', {
      found: `${adopted} of what ${stack.name} would make existed: a run made it that was ended before it wrote its state`,
      expected: 'a state that has what is there; it was taken over, by its name',
      next: 'run the command again',
    });
  }
  const failure = failureOf(folder, args, output);
  if (diagnosticsIn(output.stdout).some(({ summary }) => summary === 'Saved plan is stale')) {
    throw new TandemError('PlanOvertaken', {
      found: `the state of ${stack.name} changed after it was planned: somebody else applied it`,
      expected: 'the state that the plan was made from; nothing of this stack was applied',
      next: 'run the command again',
      cause: failure,
    });
  }
  throw lockedOr(failure, stack, output);
}

const outputs = z.record(z.string(), z.object({ value: z.unknown() }));

/** A text that a stack gave when it was applied; undefined when it gave none of that name. */
export async function outputOf(
  stack: SynthesizedStack,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { stdout } = await terraform(dirname(stack.path), ['output', '-json'], { signal });
  return z
    .string()
    .optional()
    .parse(outputs.parse(JSON.parse(stdout))[name]?.value);
}
