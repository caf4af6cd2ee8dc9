import { readFileSync } from 'node:fs';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { applyStack } from './apply-stack';
import { describeFailure } from '../exit';
import { guard } from './guard';
import { keepHalfMade } from './half-made';
import { lockTimeout } from './locks';
import { eachStack, type Failed, type Watched } from './each-stack';
import { planEach, type PlannedStack } from './plan-stacks';

/** The plans of stacks that are applied at once. */
export interface StagePlan {
  /** What there is to apply, by stack. */
  readonly changes: ReadonlyMap<SynthesizedStack, PlannedStack>;
  /** Every plan, also one without changes, as `terraform show -json` gives it. */
  readonly contents: readonly { readonly stack: string; readonly plan: unknown }[];
}

/**
 * Plans stacks under their locks and shows what each would change.
 * @param folder where the plans are kept until they are applied
 * @param args more arguments of `terraform plan`, such as `-destroy`
 * @throws what is wrong with the first stack that has no plan; the others have said theirs
 */
export async function planStage(
  stage: readonly SynthesizedStack[],
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<StagePlan> {
  const plans = await planWhole(stage, folder, args, { progress: true, signal });
  for (const { stack, outcome, add, change, destroy } of plans) {
    const what =
      outcome === 'none' ? 'nothing to change' : `add ${add}, change ${change}, destroy ${destroy}`;
    console.log(`  ${stack}: ${what}`);
  }
  const changes = plans.flatMap((planned) => {
    const stack = stage.find(({ name }) => name === planned.stack);
    return stack && planned.outcome === 'changes' ? [[stack, planned] as const] : [];
  });
  const contents = plans.map((each) => ({ stack: each.stack, plan: contentOf(each) }));
  return { changes: new Map(changes), contents };
}

/**
 * Plans stacks under their locks, after what an interrupted creation left half made is kept.
 * @param folder where the plans are kept until they are applied
 * @param args more arguments of `terraform plan`, such as `-destroy`
 * @throws what is wrong with the first stack that has no plan; the others have said theirs
 */
export async function planWhole(
  stage: readonly SynthesizedStack[],
  folder: string,
  args: readonly string[],
  { progress, signal }: Watched,
): Promise<readonly PlannedStack[]> {
  // Under the lock, for an apply whose command was killed may still be at work.
  const options = { withJson: true, progress, signal };
  const plan = async (stacks: readonly SynthesizedStack[]) => {
    const planned = await planEach(stacks, folder, [lockTimeout, ...args], options);
    signal.throwIfAborted();
    return planned;
  };
  const first = await plan(stage);
  // What shall go needs no mending.
  const kept = args.includes('-destroy') ? [] : await keepHalfMade(first, stage, { progress, signal });
  const again = kept.length > 0 ? await plan(kept) : [];
  return allOf(first.map((each) => again.find(({ stack }) => stack === each.stack) ?? each));
}

/** The plan as `terraform show -json` gives it. */
export const contentOf = ({ json }: PlannedStack): unknown =>
  json === undefined ? { resource_changes: [] } : JSON.parse(readFileSync(json, 'utf8'));

/**
 * Applies the plans of a stage, once they are guarded and agreed to.
 * @param agree asked before anything changes; throws when nothing may
 * @returns whether anything changed
 * @throws TandemError GuardRefused, and as applyStage
 */
export async function applyGuarded(
  { changes, contents }: StagePlan,
  agree: () => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  guard(contents);
  if (changes.size === 0) return false;
  await agree();
  await applyStage(changes, signal);
  return true;
}

/**
 * Applies plans, several at a time.
 * @throws what is wrong with the first stack that failed; the others are through by then, and have said theirs
 */
export async function applyStage(changes: StagePlan['changes'], signal: AbortSignal): Promise<void> {
  const results = await eachStack([...changes.keys()], { progress: true, signal }, async (stack, say) => {
    const since = performance.now();
    const planned = changes.get(stack);
    if (planned) await applyStack(stack, planned, signal, say);
    say(`done (${((performance.now() - since) / 1000).toFixed(0)} s)`);
  });
  signal.throwIfAborted();
  allOf([...results.values()]);
}

/** All results, when none failed. @throws the first failure, when the others are printed */
function allOf<T>(results: readonly (T | Failed)[]): readonly Exclude<T, Failed>[] {
  const [first, ...others] = results.flatMap((each) => (hasFailed(each) ? each.error : []));
  for (const failure of others) console.error(describeFailure(failure));
  if (first) throw first;
  return results.filter((each): each is Exclude<T, Failed> => !hasFailed(each));
}

const hasFailed = (result: unknown): result is Failed =>
  typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'failed';
