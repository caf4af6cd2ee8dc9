import type { Command } from 'commander';
import { regionOf } from '../environments';
import { loadRoles } from '../environments/roles';
import { failover } from '../failover/operations/failover';
import { operate, type OperationFlags } from './operation';
import { onAws } from './plan';

interface FailoverFlags extends OperationFlags {
  readonly to: string;
  readonly acceptLoss?: true;
}

export function failoverCommand(program: Command): void {
  program
    .command('failover')
    .summary('make the standby active, without the region that is lost')
    .description(
      'Keeps the lost region out of DNS, then promotes the standby’s database and cache. Calls regional APIs of the surviving\n' +
        'region alone. Refuses what is no replica, is further behind than the RPO, or has too small a cluster. Journalled there:\n' +
        'when the runner dies, the same command goes on, from any machine.',
    )
    .argument('<environment>', 'an environment on aws, as described in environments/')
    .requiredOption('--to <region>', 'the region that is left, and becomes active')
    .option('--accept-loss', 'promote although the replica is further behind than the RPO, or nobody knows')
    .option('--dry-run', 'only list the calls, in their order, with parameters and budgets')
    .option('--yes', 'do not ask')
    .option('--json', 'the journal’s record as JSON, instead of progress')
    .addHelpText(
      'after',
      `
Examples:
  $ tandem failover production --to us-west-2 --dry-run
  $ tandem failover production --to us-west-2`,
    )
    .action(async (name: string, flags: FailoverFlags) => {
      const environment = onAws(name);
      const to = regionOf(environment, flags.to);
      const request = {
        environment,
        roles: loadRoles(environment),
        to,
        acceptLoss: flags.acceptLoss === true,
      };
      await operate([to], flags, (aws) => failover(aws, request), [`tandem reconcile ${name}`]);
    });
}
