import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import type { AwsEnvironment } from '../../environments';
import type { RegionRole, Roles } from '../../environments/roles';
import { physicalName } from '../../lib/names';
import { type Asked, ask } from './aws-ask';

/** A region's database instance as RDS describes it; its read replicas in the region are not meant. */
export interface StandingInstance {
  readonly identifier: string;
  readonly generation: number;
  /** The instance of the peer region that it copies, as RDS names it; left out for a primary. */
  readonly copyOf?: string;
  /** In RDS's words, such as `available`. */
  readonly status: string;
}

/** What stands in each region, the newest generation first: two while a rebuild is half done, none before the first `up`. */
export type ActualRoles = Readonly<Record<string, Asked<readonly StandingInstance[]>>>;

/**
 * Asks RDS in both regions at once which instances stand there and whether each is a primary or a copy. Looks for the generation
 * that is declared, the one before it and the one after, which is what a rebuild leaves at any point.
 * @throws TandemError AwsRefused; the signal's reason when aborted
 */
export async function actualRoles(
  environment: AwsEnvironment,
  roles: Roles,
  signal: AbortSignal,
): Promise<ActualRoles> {
  const asked = environment.regions.map(async (region) => {
    const declared = roles[region]?.generation ?? 1;
    const names = new Map(
      [declared + 1, declared, declared - 1]
        .filter((generation) => generation > 0)
        .map((generation) => [instanceName(environment.name, region, generation), generation]),
    );
    return [region, await instancesIn(region, names, signal)] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
}

const instanceName = (environment: string, region: string, generation: number): string =>
  physicalName('rdsInstance', { environment, region, component: 'postgres', generation });

async function instancesIn(
  region: string,
  generations: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<Asked<readonly StandingInstance[]>> {
  const client = new RDSClient({ region });
  try {
    const asked = await ask(`rds:DescribeDBInstances in ${region}`, signal, (abortSignal) =>
      client.send(
        new DescribeDBInstancesCommand({
          Filters: [{ Name: 'db-instance-id', Values: [...generations.keys()] }],
        }),
        { abortSignal },
      ),
    );
    if (!asked.reached) return asked;
    const answer = (asked.answer.DBInstances ?? []).flatMap((found) => {
      const identifier = found.DBInstanceIdentifier ?? '';
      const generation = generations.get(identifier);
      if (generation === undefined) return [];
      const copyOf = found.ReadReplicaSourceDBInstanceIdentifier;
      const status = found.DBInstanceStatus ?? 'unknown';
      return { identifier, generation, ...(copyOf && { copyOf }), status };
    });
    return { reached: true, answer: answer.toSorted((one, other) => other.generation - one.generation) };
  } finally {
    client.destroy();
  }
}

/**
 * Where AWS is not what roles.json declares, a sentence each; empty when both agree, or when nothing was made yet. A region that
 * can not be reached is no disagreement.
 */
export function disagreements(roles: Roles, actual: ActualRoles): readonly string[] {
  const stands = Object.values(actual).some((asked) => asked.reached && asked.answer.length > 0);
  return Object.entries(actual).flatMap(([region, asked]) => {
    const declared = roles[region];
    if (!declared || !asked.reached) return [];
    const difference = differenceIn(declared, asked.answer, stands);
    return difference === undefined ? [] : [`${region} ${difference}`];
  });
}

function differenceIn(
  { role, generation }: RegionRole,
  instances: readonly StandingInstance[],
  stands: boolean,
): string | undefined {
  const copies = role === 'standby' || role === 'rebuilding';
  const found = instances.find((each) => each.generation === generation);
  if (!found) {
    const [other] = instances;
    if (other) {
      return `is declared ${role} of generation ${generation}, and has ${other.identifier} of generation ${other.generation}`;
    }
    // A copy can be made again at any time; a primary that is missing beside a copy was lost, and a new one would be empty.
    return stands && role === 'active' ? 'is declared active, and has no database' : undefined;
  }
  const { identifier, copyOf } = found;
  if (copies && copyOf === undefined) {
    return `is declared ${role}, and its ${identifier} copies nothing: it was promoted`;
  }
  if (!copies && copyOf !== undefined) {
    return `is declared ${role}, and its ${identifier} is a copy of ${copyOf}`;
  }
  return undefined;
}
