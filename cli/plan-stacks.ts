import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Listr } from 'listr2';
import { z } from 'zod';
import type { AwsEnvironment } from '../environments';
import type { Roles } from '../environments/roles';
import { asCoded, reasonOf, TandemError } from '../lib/errors';
import { versions } from '../lib/versions';
import type { Mode } from '../stacks/deployment';
import { synthesize, type SynthesizedStack } from '../stacks/synthesize';
import { terraform } from './terraform';

/** Plans, live configuration and providers, relative to where the command runs; ignored by git. */
export const kept = '.tandem';

/** Memory of one plan at a time, in bytes: a global stack's three providers, of about 420 MB each. */
const bytesPerPlan = 3 * 420e6;

/** How many plans this machine takes at a time. */
export const plansAtOnce = (): number =>
  Math.max(1, Math.min(availableParallelism(), Math.floor(process.availableMemory() / bytesPerPlan)));

export interface PlanRequest {
  readonly environment: AwsEnvironment;
  readonly roles: Roles;
  readonly mode: Mode;
  /** Left out for both regions and the global layers. */
  readonly region?: string | undefined;
  /** Left out for every layer. */
  readonly layer?: string | undefined;
  /** Whether to keep each plan as JSON too, which starts the providers once more. */
  readonly withJson: boolean;
  /** Whether to show on the terminal how far it is. */
  readonly progress: boolean;
  readonly signal: AbortSignal;
}

interface Planned {
  /** `none` when nothing would change. */
  readonly outcome: 'none' | 'changes';
  /** How many resources; a replaced one counts in `add` and in `destroy`. */
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly resources: readonly { readonly address: string; readonly action: string }[];
  /** The plan as Terraform wrote it, which is what `terraform apply` takes. */
  readonly file: string;
  readonly sha256: string;
  /** The plan as `terraform show -json` gives it, where asked for. */
  readonly json?: string;
}

interface Unplanned {
  readonly outcome: 'failed';
  readonly error: ReturnType<TandemError['toJSON']>;
}

/** What a stack's plan would do, or why there is none. */
export type StackPlan = Pick<SynthesizedStack, 'layer' | 'region'> & { readonly stack: string } & (
    Planned | Unplanned
  );

/**
 * Plans the stacks of an environment, several at a time as memory allows, and keeps the plans for review under
 * `.tandem/plans/<environment>`, listed with their SHA-256 in `plans.json`. A stack that fails fails alone; one that
 * was interrupted is left out.
 * @throws TandemError RegionUnknown, LayerUnknown
 */
export async function planStacks(request: PlanRequest): Promise<readonly StackPlan[]> {
  const { environment, roles, mode, progress, signal } = request;
  const plans = resolve(kept, 'plans', environment.name);
  rmSync(plans, { recursive: true, force: true });
  mkdirSync(plans, { recursive: true, mode: 0o700 });
  sharePlugins();
  // A live folder stays, for Terraform's record of its backend is there; offline there is none worth keeping.
  const folder = mode === 'live' ? kept : mkdtempSync(join(tmpdir(), 'tandem-plan-'));
  try {
    const stacks = chosen(request, synthesize([{ environment, roles, mode }], folder));
    const results = new Map<string, Planned | Unplanned>();
    const alone = inTurn();
    await new Listr(
      stacks.map((stack) => ({
        title: stack.name,
        task: async () => {
          try {
            results.set(stack.name, await planStack(stack, plans, request, alone));
          } catch (thrown) {
            if (!signal.aborted)
              results.set(stack.name, { outcome: 'failed', error: asCoded(thrown).toJSON() });
            throw thrown;
          }
        },
      })),
      {
        concurrent: plansAtOnce(),
        exitOnError: false,
        registerSignalListeners: false,
        renderer: progress && process.stdout.isTTY ? 'default' : 'silent',
        rendererOptions: { showErrorMessage: false, collapseErrors: true },
      },
    ).run();
    const listed = stacks.flatMap(({ name: stack, layer, region }) => {
      const result = results.get(stack);
      return result ? [{ stack, layer, ...(region !== undefined && { region }), ...result }] : [];
    });
    writeFileSync(join(plans, 'plans.json'), JSON.stringify({ mode, stacks: listed }, null, 2));
    return listed;
  } finally {
    if (mode === 'offline') rmSync(folder, { recursive: true, force: true });
  }
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

async function planStack(
  stack: SynthesizedStack,
  plans: string,
  { withJson, signal }: PlanRequest,
  alone: InTurn,
): Promise<Planned> {
  const folder = dirname(stack.path);
  const file = join(plans, `${stack.name}.tfplan`);
  // Two inits at once may both write the shared plugin cache, which Terraform does not guard.
  await alone(() => initialized(folder, signal));
  // No lock, which a role that may only read can't take: a plan that was overtaken is refused when it is applied.
  const { exitCode, stdout } = await terraform(
    folder,
    ['plan', '-json', '-input=false', '-lock=false', '-detailed-exitcode', `-out=${file}`],
    { signal, accept: [0, 2] },
  );
  const planned = {
    outcome: exitCode === 0 ? ('none' as const) : ('changes' as const),
    ...readPlan(stdout),
    file,
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
  };
  if (!withJson) return planned;
  const shown = await terraform(folder, ['show', '-json', file], { signal });
  const json = join(plans, `${stack.name}.json`);
  writeFileSync(json, shown.stdout);
  return { ...planned, json };
}

async function initialized(folder: string, signal: AbortSignal): Promise<void> {
  try {
    await terraform(folder, ['init', '-input=false', '-no-color'], { signal });
  } catch (cause) {
    // The one failure that is no stack's own, and that everybody meets on a machine without network.
    if (!/Failed to query available provider packages/.test(reasonOf(cause))) throw cause;
    const mirror = process.env['TF_PLUGIN_MIRROR'];
    throw new TandemError('ProviderMissing', {
      found: mirror
        ? `none in ${mirror}, which TF_PLUGIN_MIRROR names`
        : 'none, in no mirror and no registry',
      expected: `hashicorp/aws ${versions.awsProvider}`,
      next: 'connect to the network without TF_PLUGIN_MIRROR, or set it to a folder that `terraform providers mirror` filled',
      cause,
    });
  }
}

const message = z.union([
  z.object({
    type: z.literal('planned_change'),
    change: z.object({ resource: z.object({ addr: z.string() }), action: z.string() }),
  }),
  z.object({
    type: z.literal('change_summary'),
    changes: z.object({ add: z.number(), change: z.number(), remove: z.number() }),
  }),
]);

/** What `terraform plan -json` wrote: "Machine-Readable UI", Terraform documentation. */
export function readPlan(stdout: string): Pick<Planned, 'add' | 'change' | 'destroy' | 'resources'> {
  const messages = stdout.split('\n').flatMap((line) => {
    const read = line.startsWith('{') ? message.safeParse(JSON.parse(line)).data : undefined;
    return read ? [read] : [];
  });
  const resources = messages.flatMap((each) =>
    each.type === 'planned_change' && each.change.action !== 'noop'
      ? [{ address: each.change.resource.addr, action: each.change.action }]
      : [],
  );
  const summary = messages.find((each) => each.type === 'change_summary');
  if (summary) {
    const { add, change, remove: destroy } = summary.changes;
    return { add, change, destroy, resources };
  }
  throw new TandemError('TerraformFailed', {
    found: `a plan without a summary: ${stdout.slice(-500)}`,
    expected: 'a line of type change_summary',
    next: 'compare the version of Terraform with what `tandem version` says',
  });
}

/** The stacks that the request names: a region's, a layer's, or both. */
function chosen(
  { environment, region, layer }: PlanRequest,
  stacks: readonly SynthesizedStack[],
): readonly SynthesizedStack[] {
  const { regions } = environment;
  if (region !== undefined && !regions.some((each) => each === region)) {
    throw new TandemError('RegionUnknown', {
      found: `no region ${region} in ${environment.name}`,
      expected: `one of ${regions.join(', ')}`,
      next: 'name one of those, or none for both and the global layers',
    });
  }
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

/** Work that is done one after the other, in the order in which it was asked for. */
function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** One download of each provider for all stacks. Folders of synthesized stacks have no lock file that it could break. */
export function sharePlugins(): void {
  process.env['TF_PLUGIN_CACHE_DIR'] ??= resolve(kept, 'plugins');
  process.env['TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE'] ??= '1';
  mkdirSync(process.env['TF_PLUGIN_CACHE_DIR'], { recursive: true });
}
