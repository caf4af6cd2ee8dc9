import type { Command } from 'commander';
import { type Environment, loadEnvironment } from '../environments';
import { loadRoles, type Roles, saveRoles } from '../environments/roles';
import { type Moved, movedTo, putLatches } from '../failover/operations/reconcile';
import { AwsTarget } from '../failover/targets/aws';
import { TandemError } from '../lib/errors';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';
import { movedOnClusters, tellClusters } from './kubernetes/reconcile';
import { failuresOf } from './plan';
import { planStacks, type StackPlan } from './terraform/plan-stacks';

interface ReconcileFlags {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

export function reconcileCommand(program: Command): void {
  program
    .command('reconcile')
    .summary('declare what a failover has done, and see that nothing is left to apply')
    .description(
      'Rewrites environments/roles.json by what the regions’ journals or databases say, puts both latches as the roles demand,\n' +
        'and plans every stack of the regions that answer. Succeeds when every plan of the active region’s stacks is empty. Applies nothing.',
    )
    .argument('<environment>', 'an environment, as described in environments/')
    .option('--dry-run', 'only say what would be declared, and which latch would be put how')
    .option('--yes', 'do not ask')
    .option('--json', 'roles, latches and plans as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem reconcile production --dry-run\n  $ tandem reconcile production',
    )
    .action(async (name: string, flags: ReconcileFlags) => {
      const { signal, by } = interruptible();
      try {
        await reconcile(loadEnvironment(name), flags, signal);
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        console.error(`ended by ${interruption}\nNext: tandem reconcile ${name}`);
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

/** An environment's regions, asked what they are and told what they are declared to be. */
interface Regions {
  readonly moved: (declared: Roles) => Promise<Moved>;
  /** Puts both latches as the roles demand, and tells who has to know them; a line a latch. */
  readonly put: (moved: Moved, signal: AbortSignal) => Promise<readonly string[]>;
  readonly close: () => void;
}

function regionsOf(environment: Environment): Regions {
  if (environment.target === 'kubernetes') {
    return {
      moved: (declared) => movedOnClusters(environment, declared),
      put: (moved) => tellClusters(environment, moved),
      close: () => undefined,
    };
  }
  const aws = new AwsTarget(environment.regions);
  return {
    moved: (declared) => movedTo(aws, environment, declared),
    put: (moved, signal) => putLatches(aws, environment, moved, signal),
    close: () => aws.close(),
  };
}

async function reconcile(
  environment: Environment,
  flags: ReconcileFlags,
  signal: AbortSignal,
): Promise<void> {
  const { name } = environment;
  const declared = loadRoles(environment);
  const regions = regionsOf(environment);
  try {
    const moved = await regions.moved(declared);
    if (!flags.json) console.log(announcementOf(name, declared, moved).join('\n'));
    if (flags.dryRun) {
      if (flags.json) console.log(JSON.stringify(moved, null, 2));
      return;
    }
    if (!flags.yes) await confirm(`tandem reconcile ${name}`, signal);
    const silent = flags.json === true;
    const latches = await declare(environment, regions.put, moved, silent, signal);
    const plans = await planMoved(environment, moved, silent, signal);
    if (silent) console.log(JSON.stringify({ ...moved, latches, plans }, null, 2));
    report(environment, moved, plans, silent);
  } finally {
    regions.close();
  }
}

/** Declares what moved, and puts both latches as that demands. @returns a line a latch */
export async function declare(
  environment: Environment,
  put: Regions['put'],
  moved: Moved,
  silent: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  saveRoles(environment, moved.roles);
  const latches = await put(moved, signal);
  if (!silent) console.log(latches.join('\n'));
  return latches;
}

/** Plans every stack of the regions that answer. */
export async function planMoved(
  environment: Environment,
  { roles, reached, unreached }: Moved,
  silent: boolean,
  signal: AbortSignal,
): Promise<readonly StackPlan[]> {
  if (!silent) console.log(`Planning ${reached.join(' and ')}`);
  const plans = await planStacks({
    environment,
    roles,
    mode: 'live',
    // A global stack has to ask both regions.
    region: unreached.length === 0 ? undefined : reached[0],
    withJson: false,
    progress: !silent,
    signal,
  });
  signal.throwIfAborted();
  return plans;
}

function announcementOf(name: string, declared: Roles, { roles, latches, unreached }: Moved): string[] {
  const changes = Object.entries(roles).map(([region, { role }]) => {
    const before = declared[region]?.role;
    return `  ${region}: ${before === role ? role : `${before ?? 'nothing'} → ${role}`}, latch ${latches[region] ?? '?'}`;
  });
  return [
    `Roles of ${name} by what its regions say:`,
    ...changes,
    ...unreached.map(
      (region) => `  ${region} does not answer: its stacks and the global ones are not planned`,
    ),
  ];
}

/** @throws TandemError ReconcileNotEmpty when a stack of the active region is not as declared */
export function report(
  { name }: Environment,
  { active, roles, unreached }: Moved,
  plans: readonly StackPlan[],
  silent: boolean,
): void {
  const open = plans.filter(({ outcome }) => outcome !== 'none');
  const lines = open.map((each) =>
    each.outcome === 'failed'
      ? `  ${each.stack}: has no plan`
      : `  ${each.stack}: add ${each.add}, change ${each.change}, destroy ${each.destroy}`,
  );
  const ofActive = open.filter(({ region }) => region === active);
  if (!silent) console.log([...failuresOf(plans), ...lines].join('\n'));
  if (ofActive.length > 0 || !plans.some(({ region }) => region === active)) {
    throw new TandemError('ReconcileNotEmpty', {
      found: `${ofActive.map(({ stack }) => stack).join(', ') || 'no stack'} of ${active}`,
      expected: `an empty plan of every stack in ${active}`,
      next: `tandem diff ${name} --region ${active} shows what differs; roles.json and the latches are done`,
    });
  }
  if (silent) return;
  console.log(
    [
      `Every stack of ${active} is as declared.`,
      'Next: commit environments/roles.json',
      ...unreached.map((region) => `Next: tandem reconcile ${name} again when ${region} answers`),
      ...Object.entries(roles).flatMap(([region, { role }]) =>
        role === 'fenced' && !unreached.includes(region)
          ? `Next: tandem rebuild ${name} --region ${region}`
          : [],
      ),
    ].join('\n'),
  );
}
