import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Environment, regionOf } from '../../environments';
import { loadRecorded } from '../../environments/recorded';
import type { Roles } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import type { Mode } from '../../stacks/deployment';
import { synthesize, type SynthesizedStack } from '../../stacks/synthesize';
import { appliedOf, standingOf } from '../kubernetes/standing';
import { eachStack, type Failed, type InTurn, inTurn, type Watched } from './each-stack';
import { initialized, kept, sharePlugins } from './init';
import { lockedOr } from './locks';
import { isProtection, refuseUnprotected } from './protection';
import { failureOf, terraform } from './terraform';
import { type PlanSummary, readPlan } from './lines';

export interface PlanRequest extends Watched {
  readonly environment: Environment;
  readonly roles: Roles;
  readonly mode: Mode;
  /** Left out for both regions and the global layers. */
  readonly region?: string | undefined;
  /** Left out for every layer. */
  readonly layer?: string | undefined;
  /** Whether to keep each plan as JSON too, which starts the providers once more. */
  readonly withJson: boolean;
}

interface Planned extends PlanSummary {
  /** `none` when nothing would change. */
  readonly outcome: 'none' | 'changes';
  /** The plan as Terraform wrote it, which is what `terraform apply` takes. */
  readonly file: string;
  readonly sha256: string;
  /** The plan as `terraform show -json` gives it, where asked for. */
  readonly json?: string;
}

type Of = Pick<SynthesizedStack, 'layer' | 'region'> & { readonly stack: string };
export type PlannedStack = Of & Planned;
/** What a stack's plan would do, or why there is none. */
export type StackPlan = PlannedStack | (Of & Failed);

/**
 * Plans the stacks of an environment and keeps the plans for review under `.tandem/plans/<environment>`, listed with their
 * SHA-256 in `plans.json`. One that was interrupted is left out.
 * @throws TandemError RegionUnknown, LayerUnknown
 */
export async function planStacks(request: PlanRequest): Promise<readonly StackPlan[]> {
  const { environment, roles, mode } = request;
  const plans = resolve(kept, 'plans', environment.name);
  rmSync(plans, { recursive: true, force: true });
  mkdirSync(plans, { recursive: true, mode: 0o700 });
  // A live folder stays, for Terraform's record of its backend is there; offline there is none worth keeping.
  const folder = mode === 'live' ? kept : mkdtempSync(join(tmpdir(), 'tandem-plan-'));
  try {
    const recorded = loadRecorded(environment);
    const where = environment.target === 'kubernetes' && mode === 'live' ? standingOf(environment) : {};
    const declared = synthesize([{ environment, roles, recorded, mode, ...where }], folder);
    const stacks = chosen(request, appliedOf(environment, declared));
    // No lock, which a role that may only read can't take: a plan that was overtaken is refused when it is applied.
    const listed = await planEach(stacks, plans, ['-lock=false'], request);
    writeFileSync(join(plans, 'plans.json'), JSON.stringify({ mode, stacks: listed }, null, 2));
    return listed;
  } finally {
    if (mode === 'offline') rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Plans synthesized stacks, several at a time, into the folder `plans`. A stack that fails fails alone; one that was
 * interrupted is left out.
 * @param args more arguments of `terraform plan`, such as `-destroy`
 */
export async function planEach(
  stacks: readonly SynthesizedStack[],
  plans: string,
  args: readonly string[],
  options: Pick<PlanRequest, 'withJson' | 'progress' | 'signal'>,
): Promise<readonly StackPlan[]> {
  sharePlugins();
  const alone = inTurn();
  const results = await eachStack(stacks, options, (stack) => planStack(stack, plans, args, options, alone));
  return stacks.flatMap((each) => {
    const { name: stack, layer, region } = each;
    const result = results.get(each);
    return result ? [{ stack, layer, ...(region !== undefined && { region }), ...result }] : [];
  });
}

async function planStack(
  stack: SynthesizedStack,
  plans: string,
  more: readonly string[],
  { withJson, signal }: Pick<PlanRequest, 'withJson' | 'signal'>,
  alone: InTurn,
): Promise<Planned> {
  const folder = dirname(stack.path);
  const file = join(plans, `${stack.name}.tfplan`);
  // Two inits at once may both write the shared plugin cache, which Terraform does not guard.
  await alone(() => initialized(stack, signal));
  const args = ['plan', '-json', '-input=false', '-detailed-exitcode', ...more, `-out=${file}`] as const;
  const output = await terraform(folder, args, { signal, accept: [0, 1, 2] });
  if (output.exitCode === 1) {
    if (isProtection(output)) await refuseUnprotected(stack, args, file, signal);
    throw lockedOr(failureOf(folder, args, output, [0, 2]), stack, output);
  }
  const planned = {
    outcome: output.exitCode === 0 ? ('none' as const) : ('changes' as const),
    ...readPlan(output.stdout),
    file,
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  };
  if (!withJson) return planned;
  const shown = await terraform(folder, ['show', '-json', file], { signal });
  const json = join(plans, `${stack.name}.json`);
  writeFileSync(json, shown.stdout);
  return { ...planned, json };
}

/** The stacks that the request names: a region's, a layer's, or both. */
function chosen(
  { environment, region, layer }: PlanRequest,
  stacks: readonly SynthesizedStack[],
): readonly SynthesizedStack[] {
  if (region !== undefined) regionOf(environment, region);
  const ofRegion = stacks.filter((stack) => (region ?? stack.region) === stack.region);
  const layers = [...new Set(ofRegion.map((stack) => stack.layer))];
  if (layer !== undefined && !layers.includes(layer)) {
    throw new TandemError('LayerUnknown', {
      found: `no layer ${layer} in ${region ?? environment.name}`,
      expected: `one of ${layers.join(', ')}`,
      next: 'name one of those, or none for all of them; a global layer is in no region',
    });
  }
  return ofRegion.filter((stack) => (layer ?? stack.layer) === stack.layer);
}
