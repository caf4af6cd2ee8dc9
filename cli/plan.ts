import type { Command } from 'commander';
import { type AwsEnvironment, loadEnvironment } from '../environments';
import { loadRoles } from '../environments/roles';
import { TandemError } from '../lib/errors';
import { exitCodeOf, exitCodes, interruptible } from './exit';
import { planMarkdown } from './terraform/markdown';
import { planStacks, type StackPlan } from './terraform/plan-stacks';
import { seal } from './terraform/reviewed';

export interface PlanFlags {
  readonly offline?: true;
  readonly region?: string;
  readonly layer?: string;
  readonly json?: true;
}

interface ReviewFlags extends PlanFlags {
  readonly markdown?: true;
  readonly out?: string;
}

export function planCommand(program: Command): void {
  program
    .command('plan')
    .summary('what Terraform would change in each stack of an environment')
    .description(
      'Plans every stack and keeps the plans for review under .tandem/plans/<environment>. Changes nothing.',
    )
    .argument('<environment>', 'what to plan, as described in environments/')
    .option('--offline', 'from nothing, with placeholders for other layers: needs no account and no cluster')
    .option('--region <region>', 'the stacks of one region alone')
    .option('--layer <layer>', 'the stacks of one layer alone')
    .option('--json', 'the list of plans as JSON')
    .option('--markdown', 'a table a stack with the guard’s verdict, for a pull request')
    .option('--out <file>', 'also seal the plans, with the key in TANDEM_PLAN_KEY, for tandem up --plan')
    .addHelpText(
      'after',
      `
Exit codes, as of terraform plan -detailed-exitcode:
  ${exitCodes.done}  nothing would change
  ${exitCodes.failed}  a stack has no plan; those that have one are kept
  ${exitCodes.changes}  something would change

Examples:
  $ tandem plan production --offline
  $ tandem plan staging --region us-west-2 --layer data
  $ tandem plan production --markdown --out production.plan`,
    )
    .action(async (name: string, { markdown, out, ...flags }: ReviewFlags) => {
      const plans = await plan(name, { ...flags, ...(markdown && { json: true }) }, markdown === true);
      if (markdown) console.log(planMarkdown(name, flags.offline === true, plans));
      // On standard error: standard output is what goes into the pull request.
      if (out !== undefined) console.error(`Sealed in ${out}, SHA-256 ${seal(name, plans, out)}`);
      if (markdown) return;
      if (flags.json) return console.log(JSON.stringify(plans, null, 2));
      console.log(['', ...tableOf(plans), '', ...failuresOf(plans), nextOf(name, plans)].join('\n'));
    });
}

/**
 * Plans what the flags name and sets the exit code of the process.
 * @throws TandemError EnvironmentUnknown, EnvironmentInvalid, RolesInvalid, ClustersMissing, RegionUnknown, LayerUnknown
 */
export async function plan(
  name: string,
  { offline, region, layer, json }: PlanFlags,
  withJson = false,
): Promise<readonly StackPlan[]> {
  const { signal, by } = interruptible();
  const environment = loadEnvironment(name);
  const plans = await planStacks({
    environment,
    roles: loadRoles(environment),
    mode: offline ? 'offline' : 'live',
    region,
    layer,
    withJson,
    progress: json !== true,
    signal,
  });
  const interruption = by();
  if (interruption) console.error(`ended by ${interruption}; what is planned so far is kept`);
  process.exitCode = interruption ? exitCodeOf[interruption] : exitCodeFor(plans);
  return plans;
}

/** What is wrong and what to do next, once for all stacks that share it. */
export function failuresOf(plans: readonly StackPlan[]): readonly string[] {
  const failed = plans.filter((each) => each.outcome === 'failed');
  const texts = failed.map(({ error }) => `${error.detail.found}\n  next: ${error.detail.next}\n`);
  return [...new Set(texts)].map((text) => {
    const stacks = failed.filter((_, at) => texts[at] === text).map(({ stack }) => stack);
    return `${stacks.join(', ')}:\n  ${text}`;
  });
}

/** @throws TandemError EnvironmentUnknown, EnvironmentInvalid, NotOnAws */
export function onAws(name: string): AwsEnvironment {
  const environment = loadEnvironment(name);
  if (environment.target === 'aws') return environment;
  throw new TandemError('NotOnAws', {
    found: `${name} runs on ${environment.target}`,
    expected: 'an environment on aws',
    next: 'tandem --help lists the commands; up, plan, status, drill, reconcile, rebuild and down know both targets',
  });
}

function exitCodeFor(plans: readonly StackPlan[]): number {
  if (plans.some(({ outcome }) => outcome === 'failed')) return exitCodes.failed;
  return plans.some(({ outcome }) => outcome === 'changes') ? exitCodes.changes : exitCodes.done;
}

function tableOf(plans: readonly StackPlan[]): readonly string[] {
  const width = Math.max(...plans.map(({ stack }) => stack.length));
  const row = (title: string, ...cells: readonly (string | number)[]): string =>
    [title.padEnd(width), ...cells.map((cell) => String(cell).padStart(7))].join('  ');
  const planned = plans.filter((each) => each.outcome !== 'failed');
  const sum = (figure: 'add' | 'change' | 'destroy'): number =>
    planned.reduce((total, each) => total + each[figure], 0);
  return [
    row('stack', 'add', 'change', 'destroy'),
    ...plans.map((each) =>
      each.outcome === 'failed'
        ? row(each.stack, 'failed')
        : row(each.stack, each.add, each.change, each.destroy),
    ),
    row(`${planned.length} of ${plans.length}`, sum('add'), sum('change'), sum('destroy')),
  ];
}

function nextOf(name: string, plans: readonly StackPlan[]): string {
  return plans.some(({ outcome }) => outcome === 'failed')
    ? 'Next: mend what is named above and plan again'
    : `Kept in .tandem/plans/${name}, with their SHA-256 in plans.json\nNext: tandem diff ${name}`;
}
