import type { AwsEnvironment } from '../../environments';
import type { Roles } from '../../environments/roles';
import { withRoles } from '../drill';
import type { Aws } from './calls';
import { stepBudgets } from './budgets';
import type { Operation, Step } from './operation';
import { type Objection, refuse } from './readiness';
import { closeLatch, openLatch, placeOf } from './steps';
import { cacheName, cachePartOf, databaseCall, databaseName, databaseOf } from './stores';

export interface RebuildRequest {
  readonly environment: AwsEnvironment;
  readonly roles: Roles;
  /** The fenced region, which becomes a standby again. */
  readonly region: string;
  /** Declares the roles from now on. */
  readonly declare: (roles: Roles) => void;
  /** Replaces the region's stores by those of the next generation, with these roles declared; says what it did. */
  readonly replaceStores: (roles: Roles, generation: number, signal: AbortSignal) => Promise<string>;
}

/**
 * Makes a fenced region a standby again, as steps: its database's deletion protection is lifted in steps of their own, then Terraform
 * destroys the fenced generation, which leaves final snapshots where the environment is protected, and creates the next as a replica.
 */
export async function rebuild(aws: Aws, request: RebuildRequest): Promise<Operation> {
  const { environment, roles, region, declare, replaceStores } = request;
  const { name, regions, postgres, cache } = environment;
  const active = placeOf(environment, region).peer;
  const { role, generation: declared = 1 } = roles[region] ?? {};
  const fenced = role === 'rebuilding' ? declared - 1 : declared;
  const next = fenced + 1;
  const instances = [
    databaseName(name, region, fenced),
    ...Array.from({ length: postgres.readReplicas }, (_, at) => readerName(environment, region, at, fenced)),
  ];
  const [primary, copied, ...standing] = await Promise.all([
    databaseOf(aws, active, databaseName(name, active, roles[active]?.generation ?? 1)),
    cache.nodesPerShard > 1 ? cachePartOf(aws, region, cacheName(name, region)) : undefined,
    ...instances.map((instance) => databaseOf(aws, region, instance)),
  ]);
  const rebuilding: Roles = { ...roles, [region]: { role: 'rebuilding', generation: next } };
  const replica = databaseName(name, region, next);
  const follows = async () => {
    const now = await databaseOf(aws, region, replica);
    return now?.status === 'available' && now.source !== undefined;
  };
  const fencedStill = `${active} is active; ${region} is fenced, and its database is not protected from deletion`;
  const after = `${region} is a standby of ${active}, generation ${next}`;
  return {
    name: 'rebuild',
    environment: name,
    from: region,
    to: active,
    needsBoth: false,
    supersedes: [],
    command: `tandem rebuild ${name} --region ${region}`,
    preflight: () => {
      refuse(
        [
          ...againstRoles(roles, region, active, name),
          ...(primary?.status === 'available' && primary.source === undefined
            ? []
            : [
                {
                  found: `the database of ${active} is no available primary`,
                  next: 'mend the active region first',
                },
              ]),
          ...(standing[0]?.source === undefined
            ? []
            : [{ found: `${instances[0] ?? ''} is a replica`, next: `tandem status ${name}` }]),
          ...(copied?.primary === true
            ? [
                {
                  found: `the cache of ${region} is still the primary of its pair`,
                  next: `tandem failover ${name} --to ${active}`,
                },
              ]
            : []),
        ],
        `${region} fenced and reachable, ${active} active`,
      );
      return Promise.resolve([
        `${region} is fenced: its generation ${fenced} will be destroyed${environment.protected ? ' and leaves final snapshots' : ''}`,
      ]);
    },
    holds: follows,
    steps: [
      closeLatch(environment, region, { after: `${active} is active, and ${region} is fenced` }),
      ...instances.flatMap((instance, at) =>
        standing[at]?.deletionProtection === true ? [liftProtection(region, instance, fencedStill)] : [],
      ),
      {
        name: 'replace-stores',
        title: `destroy generation ${fenced} of ${region} and make generation ${next}, a replica of ${active}`,
        region,
        budget: stepBudgets(environment).rebuild,
        calls: [],
        asks: [databaseCall(region, replica)],
        run: (signal) => {
          declare(rebuilding);
          return replaceStores(rebuilding, next, signal);
        },
        done: follows,
        noReturn: true,
        after: `${active} is active, ${replica} follows it; roles.json says rebuilding`,
      },
      {
        name: 'declare-standby',
        title: `declare ${region} a standby in roles.json`,
        region,
        budget: { name: 'declare-standby', seconds: 10 },
        calls: [],
        asks: [],
        run: () => {
          declare(withRoles(rebuilding, { [region]: 'standby' }));
          return Promise.resolve('roles.json is to be committed');
        },
        after,
      },
      // With both regions healthy Route 53 answers the first, so as a standby it stays latched out (ADR 0005).
      ...(region === regions[0] ? [] : [openLatch(environment, region, { after })]),
    ],
  };
}

const readerName = (environment: AwsEnvironment, region: string, at: number, generation: number): string =>
  databaseName(environment.name, region, generation, `postgres-read-${at + 1}`);

/** Deletion protection is what stands between a mistake and a database: lifting it is a step that says so. */
function liftProtection(region: string, instance: string, after: string): Step {
  const isOpen = async (aws: Aws) => (await databaseOf(aws, region, instance))?.deletionProtection !== true;
  return {
    name: `lift-protection ${instance}`,
    title: `LIFT THE DELETION PROTECTION of ${instance}`,
    region,
    budget: { name: 'lift-protection', seconds: 300 },
    calls: [
      {
        action: 'rds:ModifyDBInstance',
        region,
        parameters: { DBInstanceIdentifier: instance, DeletionProtection: false, ApplyImmediately: true },
      },
    ],
    asks: [databaseCall(region, instance)],
    needed: async (aws) => !(await isOpen(aws)),
    done: isOpen,
    bearsWith: ['InvalidDBInstanceState', 'InvalidDBInstanceStateFault'],
    after,
  };
}

function againstRoles(
  roles: Roles,
  region: string,
  active: string,
  environment: string,
): readonly Objection[] {
  const [own, peer] = [roles[region]?.role ?? 'nothing', roles[active]?.role ?? 'nothing'];
  return [
    ...(own === 'fenced' || own === 'rebuilding'
      ? []
      : [
          {
            found: `roles.json declares ${region} ${own}`,
            next:
              own === 'standby'
                ? 'nothing: it is a standby already'
                : `tandem reconcile ${environment} after a failover: only what is fenced is rebuilt`,
          },
        ]),
    ...(peer === 'active'
      ? []
      : [{ found: `roles.json declares ${active} ${peer}`, next: 'reconcile first' }]),
  ];
}
