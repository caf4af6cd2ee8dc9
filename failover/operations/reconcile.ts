import type { AwsEnvironment, KubernetesEnvironment } from '../../environments';
import type { Roles } from '../../environments/roles';
import { asCoded, TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { withRoles } from '../drill';
import { type Aws, refusalOf } from './calls';
import { stepBudgets } from './budgets';
import { Journal, type OperationRecord } from './journal';
import { latchCall, latchOf } from './latch';
import { placeOf } from './steps';
import { databaseName, databaseOf } from './stores';

/** What an environment's regions say of its roles: journals and databases. */
export interface Moved {
  readonly roles: Roles;
  readonly active: string;
  readonly latches: Readonly<Record<string, 'closed' | 'open'>>;
  readonly reached: readonly string[];
  readonly unreached: readonly string[];
}

/**
 * Reads the journal of each region that answers, and whether its database bears it out.
 * @throws TandemError OperationUnderWay when a movement is not finished, OperationRefused when AWS shows something else
 */
export async function movedTo(aws: Aws, environment: AwsEnvironment, declared: Roles): Promise<Moved> {
  const { name, regions } = environment;
  const asked = await Promise.all(
    regions.map(async (region) => ({ region, found: await lastOf(aws, name, region) })),
  );
  const reached = asked.flatMap(({ region, found }) => (found === 'unreached' ? [] : region));
  const unreached = regions.filter((region) => !reached.includes(region));
  let roles = declared;
  for (const { region, found } of asked) {
    if (found === 'unreached' || found === undefined || found.operation === 'rebuild') continue;
    if (found.outcome === 'running' || found.outcome === 'halted') throw unfinished(name, found);
    // What is active already was reconciled; a fenced region's journal is of an earlier turn.
    if (found.outcome === 'done' && declared[region]?.role === 'standby') {
      roles = withRoles(declared, { [found.from]: 'fenced', [region]: 'active' });
    }
  }
  const active = regions.find((region) => roles[region]?.role === 'active') ?? regions[0];
  await refuseOther(aws, name, active, roles);
  const latches = Object.fromEntries(regions.map((region) => [region, latchFor(environment, roles, region)]));
  return { roles, active, latches, reached, unreached };
}

/** With both regions healthy Route 53 answers the first, so as a standby that one stays latched out (ADR 0005). */
export function latchFor(
  { regions }: Pick<AwsEnvironment | KubernetesEnvironment, 'regions'>,
  roles: Roles,
  region: string,
): 'closed' | 'open' {
  const role = roles[region]?.role;
  return role === 'active' || (role === 'standby' && region !== regions[0]) ? 'open' : 'closed';
}

async function lastOf(
  aws: Aws,
  environment: string,
  region: string,
): Promise<OperationRecord | 'unreached' | undefined> {
  try {
    return (await new Journal(aws, environment, region).read())?.record;
  } catch (thrown) {
    if (asCoded(thrown).code === 'RegionUnreachable') return 'unreached';
    // A region that was never made has no journal.
    if (refusalOf(thrown) === 'ResourceNotFoundException') return undefined;
    throw thrown;
  }
}

const unfinished = (environment: string, { operation, to, outcome }: OperationRecord): TandemError =>
  new TandemError('OperationUnderWay', {
    found: `a ${operation} to ${to} that is ${outcome}`,
    expected: 'a finished one',
    next: `tandem ${operation} ${environment} --to ${to}`,
  });

async function refuseOther(aws: Aws, environment: string, active: string, roles: Roles): Promise<void> {
  const instance = databaseName(environment, active, roles[active]?.generation ?? 1);
  const database = await databaseOf(aws, active, instance);
  if (database && database.source === undefined) return;
  throw new TandemError('OperationRefused', {
    found: database ? `${instance} in ${active} is a replica` : `there is no ${instance} in ${active}`,
    expected: `a primary in ${active}, which the journals call active`,
    next: `tandem status ${environment} compares AWS with roles.json`,
  });
}

/**
 * Puts each latch as the roles demand, and sees that an open one is open. One whose alarm is in a region that does not answer is
 * left, and said. Returns a line each.
 */
export async function putLatches(
  aws: Aws,
  environment: AwsEnvironment,
  { latches, unreached }: Moved,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [region, latch] of Object.entries(latches)) {
    const place = placeOf(environment, region);
    if (unreached.includes(place.peer)) {
      lines.push(`latch of ${region}: left as it is, its alarm is in ${place.peer}`);
      continue;
    }
    await waitFor(
      {
        what: `the latch of ${region} to be ${latch}`,
        budget: stepBudgets(environment).openLatch,
        next: `tandem reconcile ${environment.name} again`,
        everyMs: 2000,
        signal,
      },
      async () => {
        if (latch === 'open' && (await latchOf(aws, place)) === 'open') return true;
        await aws.send(latchCall(place, latch));
        return latch === 'closed' || undefined;
      },
    );
    lines.push(`latch of ${region}: ${latch}`);
  }
  return lines;
}
