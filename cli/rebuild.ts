import type { Command } from 'commander';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AwsEnvironment, loadEnvironment, regionOf } from '../environments';
import { loadRecorded } from '../environments/recorded';
import { loadRoles, type Roles, saveRoles } from '../environments/roles';
import { rebuild, type RebuildRequest } from '../failover/operations/rebuild';
import { TandemError } from '../lib/errors';
import { type SynthesizedStack, synthesize } from '../stacks/synthesize';
import { applyStack } from './terraform/apply-stack';
import { contentOf, planWhole } from './terraform/apply-stage';
import { guard } from './terraform/guard';
import { operate, type OperationFlags } from './operation';
import { rebuildOnClusters } from './kubernetes/rebuild';
import { kept } from './terraform/init';
import { againstRebuild, instancesOf } from './terraform/rebuild-plan';

export function rebuildCommand(program: Command): void {
  program
    .command('rebuild')
    .summary('make a fenced region a standby again')
    .description(
      'Lifts the deletion protection of the fenced region’s database in steps that say so, destroys exactly that generation (which\n' +
        'leaves final snapshots where the environment is protected), and makes the next one, a replica of the active region’s.\n' +
        'Refuses a plan that does anything else to a store. Journalled in the active region. On Kubernetes PostgreSQL copies from the\n' +
        'active region’s what it lacks, by pg_rewind or a base backup.',
    )
    .argument('<environment>', 'an environment, as described in environments/')
    .requiredOption('--region <region>', 'the fenced region')
    .option('--dry-run', 'only list the calls, in their order, with parameters and budgets')
    .option('--yes', 'do not ask')
    .option('--json', 'the journal’s record as JSON, instead of progress')
    .addHelpText(
      'after',
      `
Examples:
  $ tandem rebuild production --region us-east-1 --dry-run
  $ tandem rebuild production --region us-east-1`,
    )
    .action(async (name: string, flags: OperationFlags & { readonly region: string }) => {
      const environment = loadEnvironment(name);
      const region = regionOf(environment, flags.region);
      if (environment.target === 'kubernetes') {
        await rebuildOnClusters(environment, region, flags);
        return;
      }
      const request = rebuildRequest(environment, loadRoles(environment), region);
      await operate(environment.regions, flags, (aws) => rebuild(aws, request), [
        'commit environments/roles.json',
        `tandem plan ${name}`,
      ]);
    });
}

/** A rebuild that declares in roles.json and replaces by Terraform. */
export const rebuildRequest = (
  environment: AwsEnvironment,
  roles: Roles,
  region: string,
): RebuildRequest => ({
  environment,
  roles,
  region,
  declare: (next) => saveRoles(environment, next),
  replaceStores: (next, generation, signal) => replaceStores(environment, next, region, generation, signal),
});

/**
 * Plans the region's data stack, refuses what is no rebuild, and applies exactly that plan.
 * @throws TandemError GuardRefused, OperationRefused, TerraformFailed, StateLocked, PlanOvertaken
 */
async function replaceStores(
  environment: AwsEnvironment,
  roles: Roles,
  region: string,
  generation: number,
  signal: AbortSignal,
): Promise<string> {
  const { name, postgres } = environment;
  const stack = dataStackOf(environment, roles, region);
  const plans = mkdtempSync(join(resolve(kept), 'rebuild-'));
  try {
    // Silent: the operation's own progress has the terminal.
    const [planned] = await planWhole([stack], plans, [], { progress: false, signal });
    if (planned?.outcome !== 'changes') return 'the stores were made before';
    const plan = contentOf(planned);
    guard([{ stack: stack.name, plan }], instancesOf(postgres.readReplicas, generation - 1));
    const objections = againstRebuild(plan, instancesOf(postgres.readReplicas, generation));
    if (objections.length > 0) {
      throw new TandemError('OperationRefused', {
        found: `the plan of ${stack.name} is not that of generation ${generation}: ${objections.join('; ')}`,
        expected: 'that it makes the instances of that generation and no other store; nothing was applied',
        next: `tandem plan ${name} --region ${region} --layer data, then tandem diff ${name}`,
      });
    }
    await applyStack(stack, planned, signal, () => undefined);
    return `added ${planned.add}, changed ${planned.change}, destroyed ${planned.destroy}`;
  } finally {
    rmSync(plans, { recursive: true, force: true });
  }
}

/** @throws TandemError SynthesisUnexpected */
function dataStackOf(environment: AwsEnvironment, roles: Roles, region: string): SynthesizedStack {
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  const recorded = loadRecorded(environment);
  const stack = synthesize([{ environment, roles, recorded, mode: 'live' }], kept).find(
    (each) => each.layer === 'data' && each.region === region,
  );
  if (stack) return stack;
  throw new TandemError('SynthesisUnexpected', {
    found: `no data stack of ${region}`,
    expected: 'the layer data in stacks/catalog.ts',
    next: 'add the layer to the catalog',
  });
}
