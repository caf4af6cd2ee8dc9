import type { Command } from 'commander';
import { regionOf } from '../environments';
import { loadRoles } from '../environments/roles';
import { switchover } from '../failover/operations/switchover';
import { operate, type OperationFlags } from './operation';
import { onAws } from './plan';

export function switchoverCommand(program: Command): void {
  program
    .command('switchover')
    .summary('make the standby active on purpose, with nothing lost')
    .description(
      'Moves the public name, waits until the old region takes no writes and the standby has replayed all of them, then promotes\n' +
        'it. Needs both regions. What fails before the promotion is taken back. Journalled in the region that becomes active.',
    )
    .argument('<environment>', 'an environment on aws, as described in environments/')
    .requiredOption('--to <region>', 'the standby, which becomes active')
    .option('--dry-run', 'only list the calls, in their order, with parameters and budgets')
    .option('--yes', 'do not ask')
    .option('--json', 'the journal’s record as JSON, instead of progress')
    .addHelpText(
      'after',
      `
Examples:
  $ tandem switchover production --to us-west-2 --dry-run
  $ tandem switchover production --to us-west-2`,
    )
    .action(async (name: string, flags: OperationFlags & { readonly to: string }) => {
      const environment = onAws(name);
      const to = regionOf(environment, flags.to);
      const [from = to] = environment.regions.filter((region) => region !== to);
      const request = { environment, roles: loadRoles(environment), to };
      await operate(environment.regions, flags, (aws) => switchover(aws, request), [
        `tandem reconcile ${name}`,
        `tandem rebuild ${name} --region ${from}`,
      ]);
    });
}
