import type { Command } from 'commander';
import { environmentNames, loadEnvironment } from '../environments';
import { loadRecorded } from '../environments/recorded';
import { loadRoles } from '../environments/roles';
import { synthesize } from '../stacks/synthesize';

export function synthCommand(program: Command): void {
  program
    .command('synth')
    .summary('write the Terraform configuration of environments')
    .description(
      'Synthesizes every stack of the named environments, or of all of them. Reads nothing from AWS.',
    )
    .argument('[environments...]', 'which environments', environmentNames)
    .option('--out <folder>', 'where the stacks go', 'cdktf.out')
    .option('--offline', 'placeholders and a local backend, to plan without credentials')
    .option('--json', 'the list of stacks as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem synth production\n  $ terraform -chdir=cdktf.out/stacks/tandem-production-traffic init',
    )
    .action(
      (
        names: readonly string[],
        flags: { readonly out: string; readonly offline?: true; readonly json?: true },
      ) => {
        const deployments = names.map((name) => {
          const environment = loadEnvironment(name);
          const mode = flags.offline ? ('offline' as const) : ('live' as const);
          return { environment, roles: loadRoles(environment), recorded: loadRecorded(environment), mode };
        });
        const stacks = synthesize(deployments, flags.out);
        if (flags.json) return console.log(JSON.stringify(stacks, null, 2));
        for (const { name, path } of stacks) console.log(`${name.padEnd(36)} ${path}`);
        console.log('\nNext: terraform -chdir=<folder of a stack> init, validate, plan');
      },
    );
}
