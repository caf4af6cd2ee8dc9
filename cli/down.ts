import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type AwsEnvironment, loadEnvironment } from '../environments';
import { loadRecorded, record } from '../environments/recorded';
import { loadRoles } from '../environments/roles';
import { TandemError } from '../lib/errors';
import { isStateful } from '../modules/stateful';
import { type SynthesizedStack, synthesize } from '../stacks/synthesize';
import { applyStage, planStage, type StagePlan } from './terraform/apply-stage';
import { stagesOf } from './terraform/apply-stack';
import { resourcesIn } from './terraform/changes';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';
import { guard } from './terraform/guard';
import { downOnClusters } from './kubernetes/down';
import { kept } from './terraform/init';
import { isProtectedByAws, unprotect } from './terraform/protection';

interface DownFlags {
  readonly destroy: readonly string[];
  readonly yes?: true;
}

export function downCommand(program: Command): void {
  program
    .command('down')
    .summary('destroy an environment; on AWS, all but its state')
    .description(
      'Destroys every stack in the reverse order of `tandem up`, after it showed what goes and asked. What `tandem bootstrap` made\n' +
        'stays. Of a protected environment each stateful resource has to be named; their protection is lifted in a step of its own.\n' +
        'Databases that may be primaries leave a final snapshot there. Interrupted at any point, a second run goes on.\n' +
        'On Kubernetes nothing is left: k3d clusters that `tandem up` made go whole, in others their namespaces do.',
    )
    .argument('<environment>', 'as described in environments/')
    .option('--destroy <stack/address...>', 'stateful resources of a protected environment that shall go', [])
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
Examples:
  $ tandem down dev
  $ tandem down local
  $ tandem down production --destroy tandem-production-us-east-1-data/aws_db_instance.postgres_g1`,
    )
    .action(async (name: string, flags: DownFlags) => {
      const { signal, by } = interruptible();
      try {
        const environment = loadEnvironment(name);
        if (environment.target === 'kubernetes')
          await downOnClusters(environment, flags.yes === true, signal);
        else await down(environment, flags, signal);
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        console.error(`ended by ${interruption}\nNext: the same command goes on where this ended`);
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

async function down(environment: AwsEnvironment, flags: DownFlags, signal: AbortSignal): Promise<void> {
  const { name } = environment;
  refuseCopyThatOwns(environment);
  // Of this command alone: what it writes here may be destroyed, which no other command may read.
  const outdir = resolve(kept, 'down', name);
  mkdirSync(outdir, { recursive: true, mode: 0o700 });
  const plans = mkdtempSync(join(outdir, 'plans-'));
  try {
    const stages = stagesOf(declared(environment, outdir)).toReversed();
    const whole = stages.flat();
    if (environment.protected) whole.forEach(unprotect);
    const shown = await planStage(whole, plans, ['-destroy'], signal);
    const going = shown.contents.flatMap(statefulOf);
    if (environment.protected) refuseUnnamed(name, going, flags.destroy);
    if (shown.changes.size === 0) {
      console.log('Nothing to do');
      return;
    }
    console.log(['What is in these is lost:', ...going].join('\n  '));
    if (flags.yes !== true) await confirm(`tandem down ${name}`, signal);

    const lifted = environment.protected ? await liftProtection(whole, shown, plans, signal) : [];
    for (const stage of stages) {
      // What was lifted changed a state, and so overtook its plan.
      const again = stage.filter((stack) => lifted.includes(stack));
      const { changes } = await planStage(again, plans, ['-destroy'], signal);
      const rest = stage.flatMap((stack) => {
        const planned = changes.get(stack) ?? (again.includes(stack) ? undefined : shown.changes.get(stack));
        return planned ? [[stack, planned] as const] : [];
      });
      await applyStage(new Map(rest), signal);
    }
  } finally {
    rmSync(plans, { recursive: true, force: true });
  }
  console.log('Done');
  if (record(environment, {})) console.log('Commit environments/recorded.json: what it said is gone');
  console.log('State, lock tables and deployment roles of `tandem bootstrap` are still there');
}

/** The copy's stack asks for an id that may never have been recorded, and destroys it without one. */
function declared(environment: AwsEnvironment, outdir: string): readonly SynthesizedStack[] {
  const recorded = { globalDatastoreId: 'unrecorded', ...loadRecorded(environment) };
  return synthesize([{ environment, roles: loadRoles(environment), recorded, mode: 'live' }], outdir);
}

/**
 * A Global Datastore goes only after its copies, and the region that owns it goes last.
 * @throws TandemError DownRefused
 */
function refuseCopyThatOwns(environment: AwsEnvironment): void {
  const { name, regions, cache } = environment;
  const role = loadRoles(environment)[regions[0]]?.role;
  if (cache.nodesPerShard === 1 || role === 'active') return;
  throw new TandemError('DownRefused', {
    found: `${regions[0]}, which owns the pair of caches, is ${role ?? 'unknown'}`,
    expected: 'that it is active, so that the copy goes before the pair and the pair before its primary',
    next: `tandem switchover ${name} --to ${regions[0]}`,
  });
}

/** The stateful resources that a plan destroys, as `--destroy` names them. */
const statefulOf = ({ stack, plan }: StagePlan['contents'][number]): readonly string[] =>
  destroyedIn(plan).flatMap(({ type, address, change: { before } }) =>
    isStateful(type, typeof before === 'object' ? { ...before } : {}) ? `${stack}/${address}` : [],
  );

const destroyedIn = (plan: unknown) =>
  resourcesIn(plan).filter(({ change }) => change.actions.includes('delete'));

/** @throws TandemError DownRefused */
function refuseUnnamed(name: string, going: readonly string[], named: readonly string[]): void {
  const unnamed = going.filter((each) => !named.includes(each));
  if (unnamed.length === 0) return;
  throw new TandemError('DownRefused', {
    found: `stateful resources that nobody named:${unnamed.map((each) => `\n  ${each}`).join('')}`,
    expected: `each of them after --destroy, for ${name} is protected; nothing was changed`,
    next: `tandem down ${name} --destroy <stack/address>…, if what they hold may be lost`,
  });
}

/** Tells AWS that what goes may go. @returns the stacks that this changed */
async function liftProtection(
  stacks: readonly SynthesizedStack[],
  { contents }: StagePlan,
  plans: string,
  signal: AbortSignal,
): Promise<readonly SynthesizedStack[]> {
  console.log('Lifting the protection of what goes:');
  const lifted: SynthesizedStack[] = [];
  for (const stack of stacks) {
    const plan = contents.find((each) => each.stack === stack.name)?.plan;
    const targets = (plan === undefined ? [] : destroyedIn(plan)).flatMap(({ type, address }) =>
      isProtectedByAws(type) ? `-target=${address}` : [],
    );
    if (targets.length === 0) continue;
    const step = await planStage([stack], plans, targets, signal);
    guard(step.contents);
    await applyStage(step.changes, signal);
    lifted.push(stack);
  }
  return lifted;
}
