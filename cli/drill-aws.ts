import type { AwsEnvironment } from '../environments';
import { loadRoles, type Roles } from '../environments/roles';
import { withRoles } from '../failover/drill';
import type { Evidence } from '../failover/evidence/record';
import { type movements, rehearse } from '../failover/operations/drill';
import { failover } from '../failover/operations/failover';
import { doorsOf } from '../failover/operations/load';
import type { Operation } from '../failover/operations/operation';
import { rebuild } from '../failover/operations/rebuild';
import { movedTo, putLatches } from '../failover/operations/reconcile';
import { switchover } from '../failover/operations/switchover';
import { AwsTarget } from '../failover/targets/aws';
import { confirm } from './confirm';
import { listed, listing, type OperationFlags, performShown } from './operation';
import { rebuildRequest } from './rebuild';
import { declare, planMoved, report } from './reconcile';

export interface AwsDrill {
  readonly environment: AwsEnvironment;
  readonly run: string;
  readonly scenario: keyof typeof movements;
  /** The region that leaves, and the one that becomes active. */
  readonly between: readonly [from: string, to: string];
  readonly flags: OperationFlags & { readonly load?: true };
  readonly keep: (evidence: Evidence) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Drills an environment on AWS by the operations that move it in earnest, or only lists what they would call.
 * @returns undefined of a dry run
 * @throws TandemError NotConfirmed, OperationRefused, OperationUnderWay
 */
export async function drillOnAws(drill: AwsDrill): Promise<Evidence | undefined> {
  const { environment, run, scenario, between, flags, keep, signal } = drill;
  const [from, to] = between;
  const { name, dns } = environment;
  const roles = loadRoles(environment);
  const aws = new AwsTarget(environment.regions);
  const silent = flags.json === true;
  const rebuildWith = (declared: Roles): Promise<Operation> =>
    rebuild(aws, rebuildRequest(environment, declared, from));
  try {
    const move = await (scenario === 'failover'
      ? failover(aws, { environment, roles, to, acceptLoss: false })
      : switchover(aws, { environment, roles, to }));
    const after = withRoles(roles, { [from]: 'fenced', [to]: 'active' });
    if (flags.dryRun) {
      await show(move, await rebuildWith(after), silent);
      return undefined;
    }
    const steps = [
      `${scenario} of ${name} from ${from} to ${to}: ${move.steps.map((step) => step.name).join(', ')}`,
      `reconcile: roles.json and both latches; the plan of every stack has to be empty`,
      `rebuild of ${from}: its database is DESTROYED and made again as a copy of ${to}’s`,
    ];
    if (!silent) console.log([`Drill of ${name}`, ...steps.map((step) => `  ${step}`), ''].join('\n'));
    if (!flags.yes) await confirm(`tandem drill ${name} --scenario ${scenario}`, signal);
    return await rehearse({
      run,
      environment,
      aws,
      move,
      doors: flags.load
        ? doorsOf(environment)
        : `no client load: --load was not given, and nobody wrote to ${dns.host}.${dns.zone}`,
      perform: (operation) => performShown(operation, aws, { ...flags, yes: true }, signal),
      reconcile: async (opened) => {
        const moved = await movedTo(aws, environment, loadRoles(environment));
        await declare(
          environment,
          (each, ended) => putLatches(aws, environment, each, ended),
          moved,
          silent,
          signal,
        );
        opened();
        report(environment, moved, await planMoved(environment, moved, silent, signal), silent);
      },
      rebuild: () => rebuildWith(loadRoles(environment)),
      keep,
      signal,
    });
  } finally {
    aws.close();
  }
}

/** Lists what each operation would call, then whether the first could start now. @throws TandemError OperationRefused */
async function show(move: Operation, back: Operation, json: boolean): Promise<void> {
  const { environment, from, to } = move;
  if (json) {
    const reconcile = { operation: 'reconcile', declares: { [from]: 'fenced', [to]: 'active' } };
    console.log(JSON.stringify([listed(move), reconcile, listed(back)], null, 2));
  } else {
    console.log(
      [
        ...listing(move),
        `reconcile of ${environment}: declares ${from} fenced and ${to} active, puts both latches so, plans every stack`,
        '',
        ...listing(back),
      ].join('\n'),
    );
  }
  const found = await move.preflight();
  if (!json) console.log(['It could start now:', ...found.map((each) => `  ${each}`)].join('\n'));
}
