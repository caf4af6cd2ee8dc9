import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type AwsEnvironment, loadEnvironment } from '../environments';
import { loadRecorded, record } from '../environments/recorded';
import { loadRoles, type Roles } from '../environments/roles';
import { actualRoles, disagreements } from '../failover/targets/aws-roles';
import { TandemError } from '../lib/errors';
import { type SynthesizedStack, synthesize } from '../stacks/synthesize';
import { applyGuarded, planStage } from './terraform/apply-stage';
import { outputOf, stagesOf } from './terraform/apply-stack';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';
import { type ClusterFlags, upOnClusters } from './kubernetes/up';
import { kept } from './terraform/init';
import { type Reviewed, reviewedStage, unseal } from './terraform/reviewed';

interface UpFlags extends ClusterFlags {
  readonly plan?: string;
}

export function upCommand(program: Command): void {
  program
    .command('up')
    .summary('make an environment what is declared')
    .description(
      'Plans and applies every stack, layer by layer, both regions of a layer at once, and applies exactly what it showed.\n' +
        'A layer can be planned only when the ones before it are there, so it asks before each layer that changes.\n' +
        'Refuses a plan that would lose something stateful, and any plan before a failover is reconciled.\n' +
        'Interrupted at any point, a second run goes on; when all is there, it says so.\n' +
        'On Kubernetes it makes two k3d clusters first, or takes those of --contexts, which it asks for once; builds the\n' +
        'workload’s image; and waits at the end until both regions answer.',
    )
    .argument('<environment>', 'an environment on kubernetes, or one on aws that was bootstrapped')
    .option('--yes', 'do not ask')
    .option(
      '--plan <file>',
      'on aws: apply what `tandem plan --out` sealed and somebody reviewed, and nothing else',
    )
    .option(
      '--contexts <contexts>',
      'on kubernetes: clusters of your own instead of k3d’s, A,B by the kubeconfig',
    )
    .option('--images <file>', 'on kubernetes: JSON that says which image stands for which')
    .addHelpText(
      'after',
      `
Examples:
  $ tandem up dev
  $ tandem up production --yes
  $ tandem up production --plan production.plan
  $ tandem up local
  $ tandem up local --contexts east,west`,
    )
    .action(async (name: string, flags: UpFlags, command: Command) => {
      const { signal, by } = interruptible();
      try {
        const environment = loadEnvironment(name);
        const others = environment.target === 'aws' ? (['contexts', 'images'] as const) : (['plan'] as const);
        const stranger = others.find((flag) => flags[flag] !== undefined);
        if (stranger) command.error(`error: --${stranger} is not for environments on ${environment.target}`);
        if (environment.target === 'kubernetes') await upOnClusters(environment, flags, signal);
        else {
          const reviewed = flags.plan === undefined ? undefined : unseal(name, flags.plan);
          await up(environment, flags.yes === true, signal, reviewed);
        }
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        console.error(`ended by ${interruption}\nNext: tandem up ${name} goes on where this ended`);
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

async function up(
  environment: AwsEnvironment,
  yes: boolean,
  signal: AbortSignal,
  reviewed?: Reviewed,
): Promise<void> {
  const { name } = environment;
  const roles = loadRoles(environment);
  await refuseToUndo(environment, roles, signal);
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  // Of this run alone: what is applied is what was shown, whoever else plans here.
  const plans = mkdtempSync(join(resolve(kept), 'up-'));
  let changed = false;
  let recorded = false;
  try {
    const declare = () =>
      synthesize([{ environment, roles, recorded: loadRecorded(environment), mode: 'live' }], kept);
    for (const stage of stagesOf(declare())) {
      const planned = reviewed
        ? await reviewedStage(stage, reviewed, plans, signal)
        : await planStage(stage, plans, [], signal);
      const agree = async () => {
        if (!yes) await confirm(`tandem up ${name}`, signal);
      };
      if (await applyGuarded(planned, agree, signal)) changed = true;
      // A stage of which nothing was reviewed is not even initialized.
      if (planned.contents.length > 0 && (await recordPair(environment, stage, signal))) {
        recorded = true;
        declare();
      }
    }
  } finally {
    rmSync(plans, { recursive: true, force: true });
  }
  console.log(changed ? 'Done' : 'Nothing to do');
  if (recorded)
    console.log('Commit environments/recorded.json: the second region is recovered by what it says');
  console.log(`Next: tandem status ${name}`);
}

/**
 * Applying roles that a failover has overtaken would tell the new primary to be a copy again.
 * @throws TandemError RolesDisagree, RegionUnreachable, AwsRefused
 */
async function refuseToUndo(environment: AwsEnvironment, roles: Roles, signal: AbortSignal): Promise<void> {
  const { name } = environment;
  const actual = await actualRoles(environment, roles, signal);
  const found = disagreements(roles, actual);
  if (found.length > 0) {
    throw new TandemError('RolesDisagree', {
      found: found.join('; '),
      expected: 'the roles and generations of environments/roles.json: applying them would undo a failover',
      next: `tandem reconcile ${name}`,
    });
  }
  const gone = Object.values(actual).flatMap((asked) => (asked.reached ? [] : asked.reason));
  if (gone.length > 0) {
    throw new TandemError('RegionUnreachable', {
      found: gone.join('; '),
      expected: 'an answer of both regions, which are applied together',
      next: `tandem status ${name}; a failover needs the lost region for nothing`,
    });
  }
}

/** The id that AWS gave the cache's pair, for the region that copies and has to know it without asking its peer. */
async function recordPair(
  environment: AwsEnvironment,
  stage: readonly SynthesizedStack[],
  signal: AbortSignal,
): Promise<boolean> {
  const owner = stage.find(({ layer, region }) => layer === 'data' && region === environment.regions[0]);
  const id = owner && (await outputOf(owner, 'globalDatastoreId', signal));
  return id !== undefined && record(environment, { globalDatastoreId: id });
}
