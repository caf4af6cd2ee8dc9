import type { Command } from 'commander';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AwsEnvironment } from '../environments';
import { loadRoles, type Roles, saveRoles } from '../environments/roles';
import { rebuild } from '../failover/operations/rebuild';
import { TandemError } from '../lib/errors';
import { synthesize } from '../stacks/synthesize';
import { apply, planned } from './bootstrap-stack';
import { changesIn } from './changes';
import { operate, type OperationFlags, regionOf } from './operation';
import { onAws } from './plan';
import { kept, sharePlugins } from './plan-stacks';
import { againstRebuild } from './rebuild-plan';
import { terraform } from './terraform';

export function rebuildCommand(program: Command): void {
  program
    .command('rebuild')
    .summary('make a fenced region a standby again')
    .description(
      'Lifts the deletion protection of the fenced region’s database in steps that say so, destroys exactly that generation (which\n' +
        'leaves final snapshots where the environment is protected), and makes the next one, a replica of the active region’s.\n' +
        'Refuses a plan that does anything else to a store. Journalled in the active region.',
    )
    .argument('<environment>', 'an environment on aws, as described in environments/')
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
      const environment = onAws(name);
      const region = regionOf(environment, flags.region);
      const request = {
        environment,
        region,
        roles: loadRoles(environment),
        declare: (roles: Roles) => saveRoles(environment, roles),
        replaceStores: (roles: Roles, generation: number, signal: AbortSignal) =>
          replaceStores(environment, roles, region, generation, signal),
      };
      await operate(environment.regions, flags, (aws) => rebuild(aws, request), [
        'commit environments/roles.json',
        `tandem plan ${name}`,
      ]);
    });
}

/** Plans the region's data stack, refuses what is no rebuild, and applies it. */
async function replaceStores(
  environment: AwsEnvironment,
  roles: Roles,
  region: string,
  generation: number,
  signal: AbortSignal,
): Promise<string> {
  const outdir = resolve(kept);
  mkdirSync(outdir, { recursive: true });
  sharePlugins();
  const stack = synthesize([{ environment, roles, mode: 'live' }], outdir).find(
    (each) => each.layer === 'data' && each.region === region,
  );
  if (!stack) {
    throw new TandemError('SynthesisUnexpected', {
      found: `no data stack of ${region}`,
      expected: 'the layer data in stacks/catalog.ts',
      next: 'add the layer to the catalog',
    });
  }
  const run = { signal, say: () => undefined };
  const changes = await planned(stack, run);
  if (!changes) return 'the stores were made before';
  const shown = await terraform(dirname(stack.path), ['show', '-json', 'bootstrap.tfplan'], { signal });
  const objections = againstRebuild(changesIn(JSON.parse(shown.stdout)), generation);
  if (objections.length > 0) {
    throw new TandemError('OperationRefused', {
      found: `the plan of ${stack.name} does more than replace generation ${generation - 1}: ${objections.join('; ')}`,
      expected: 'that it destroys that generation, makes the next and leaves every other store alone',
      next: `tandem diff ${environment.name} --region ${region} --layer data`,
    });
  }
  await apply(stack, environment.account, run);
  return `added ${changes.add}, changed ${changes.change}, destroyed ${changes.destroy}`;
}
