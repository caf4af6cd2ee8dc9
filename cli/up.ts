import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { AwsEnvironment } from '../environments';
import { loadRecorded, record } from '../environments/recorded';
import { loadRoles, type Roles } from '../environments/roles';
import { actualRoles, disagreements } from '../failover/targets/aws-roles';
import { TandemError } from '../lib/errors';
import { type SynthesizedStack, synthesize } from '../stacks/synthesize';
import { applyStage, planStage } from './terraform/apply-stage';
import { outputOf, stagesOf } from './terraform/apply-stack';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';
import { guard } from './terraform/guard';
import { onAws } from './plan';
import { kept } from './terraform/plan-stacks';
import { type Reviewed, reviewedStage, unseal } from './terraform/reviewed';

export function upCommand(program: Command): void {
  program
    .command('up')
    .summary('make an environment on AWS what is declared')
    .description(
      'Plans and applies every stack, layer by layer, both regions of a layer at once, and applies exactly what it showed.\n' +
        'A layer can be planned only when the ones before it are there, so it asks before each layer that changes.\n' +
        'Refuses a plan that would lose something stateful, and any plan before a failover is reconciled.\n' +
        'Interrupted at any point, a second run goes on; when all is there, it says so.',
    )
    .argument('<environment>', 'an environment on aws that was bootstrapped')
    .option('--yes', 'do not ask, for any layer')
    .option('--plan <file>', 'apply what `tandem plan --out` sealed and somebody reviewed, and nothing else')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem up dev\n  $ tandem up production --yes\n  $ tandem up production --plan production.plan',
    )
    .action(async (name: string, { yes, plan }: { readonly yes?: true; readonly plan?: string }) => {
      const { signal, by } = interruptible();
      try {
        const environment = onAws(name);
        const reviewed = plan === undefined ? undefined : unseal(name, plan);
        await up(environment, yes === true, signal, reviewed);
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
      const { changes, contents } = reviewed
        ? await reviewedStage(stage, reviewed, plans, signal)
        : await planStage(stage, plans, [], signal);
      guard(contents);
      if (changes.size > 0) {
        if (!yes) await confirm(`tandem up ${name}`, signal);
        await applyStage(changes, signal);
        changed = true;
      }
      // A stage of which nothing was reviewed is not even initialized.
      if (contents.length > 0 && (await recordPair(environment, stage, signal))) {
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
