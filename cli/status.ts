import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type AwsEnvironment,
  type Environment,
  environmentNames,
  type KubernetesEnvironment,
  loadEnvironment,
} from '../environments';
import { loadRoles } from '../environments/roles';
import { type Evidence, evidenceSchema } from '../failover/evidence/record';
import type { Asked } from '../failover/targets/aws-ask';
import { type RegionOnAws, statusOnAws } from '../failover/targets/aws-status';
import { TandemError } from '../lib/errors';
import { exitCodeOf, interruptible } from './exit';
import {
  disagreementsOf,
  linesOf as onClusterOf,
  type RegionOnCluster,
  statusOnClusters,
} from './kubernetes/status';

export function statusCommand(program: Command): void {
  program
    .command('status')
    .summary('roles of the regions, what AWS or the clusters say of them, and what the last drill showed')
    .description(
      'Shows which region is active by roles.json, and the outcome of the newest evidence of each environment. Of one environment\n' +
        'on AWS, by name, also what stands there: databases, replication lag, latches, health, and where roles.json differs;\n' +
        'of one on Kubernetes databases, replication lag and pods.',
    )
    .argument('[environments...]', 'which environments', environmentNames)
    .option('--evidence <folder>', 'where the evidence of drills is', 'evidence')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  $ tandem status\n  $ tandem status production --json')
    .action(async (names: readonly string[], flags: { readonly evidence: string; readonly json?: true }) => {
      const { signal, by } = interruptible();
      const drills = readDrills(flags.evidence);
      try {
        const statuses = await Promise.all(
          names.map(loadEnvironment).map(async (environment) => {
            const status = statusOf(environment, drills);
            if (names.length > 1) return status;
            return environment.target === 'aws'
              ? { ...status, onAws: await askAws(environment, signal) }
              : { ...status, onClusters: await askClusters(environment, signal) };
          }),
        );
        console.log(flags.json ? JSON.stringify(statuses, null, 2) : statuses.flatMap(linesOf).join('\n'));
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

/** What AWS says, or why it says nothing: without credentials there is still what is declared. */
async function askAws(environment: AwsEnvironment, signal: AbortSignal): Promise<OnAws> {
  try {
    return await statusOnAws(environment, loadRoles(environment), signal);
  } catch (thrown) {
    if (thrown instanceof TandemError && thrown.code === 'AwsRefused') return { refused: thrown };
    throw thrown;
  }
}

/** What the clusters show, or why nothing: before the first `tandem up` there is still what is declared. */
async function askClusters(environment: KubernetesEnvironment, signal: AbortSignal): Promise<OnClusters> {
  try {
    const regions = await statusOnClusters(environment, signal);
    return { regions, disagreements: disagreementsOf(regions, loadRoles(environment)) };
  } catch (thrown) {
    if (thrown instanceof TandemError && thrown.code === 'ClustersMissing') return { refused: thrown };
    throw thrown;
  }
}

type OnClusters =
  | { readonly regions: readonly RegionOnCluster[]; readonly disagreements: readonly string[] }
  | { readonly refused: TandemError };

type OnAws = Awaited<ReturnType<typeof statusOnAws>> | { readonly refused: TandemError };

interface Status extends ReturnType<typeof statusOf> {
  readonly onAws?: OnAws;
  readonly onClusters?: OnClusters;
}

function linesOf(status: Status): readonly string[] {
  const { environment, target, regions, lastDrill, onAws, onClusters } = status;
  const line = (title: string, text: string) => `  ${title.padEnd(16)} ${text}`;
  return [
    `${environment} (${target})`,
    ...regions.flatMap(({ region, role, generation }) => [
      line(region, `${role.padEnd(12)} generation ${generation}`),
      ...(onAws && 'regions' in onAws ? onAws.regions : [])
        .filter((each) => each.region === region)
        .flatMap(onAwsOf)
        .map((text) => line('', text)),
      ...(onClusters && 'regions' in onClusters ? onClusters.regions : [])
        .filter((each) => each.region === region)
        .flatMap(onClusterOf)
        .map((text) => line('', text)),
    ]),
    ...(onClusters
      ? clustersVerdictOf(environment, onClusters).map((text) => line('on clusters', text))
      : []),
    ...(onAws ? verdictOf(environment, onAws).map((text) => line('on AWS', text)) : []),
    line('last drill', lastDrill ?? `none; tandem drill ${environment} --target embedded`),
  ];
}

function onAwsOf({ databases, endpoint, latch }: RegionOnAws): readonly string[] {
  const standing = said('database', databases, (all) =>
    all.map(({ identifier, copyOf, status, lagSeconds }) => {
      const lag = lagSeconds === undefined ? 'lag not reported' : `${lagSeconds} s behind`;
      return `${identifier}: ${copyOf === undefined ? 'primary' : `copy, ${lag}`}, ${status}`;
    }),
  );
  return [
    ...(standing.length > 0 ? standing : ['no database']),
    ...said('endpoint', endpoint, (state) => [`endpoint ${state}`]),
    ...said('latch', latch, (state) => [`latch ${state}${state === 'closed' ? ': kept out of DNS' : ''}`]),
  ];
}

const said = <T>(
  what: string,
  asked: Asked<T>,
  words: (answer: T) => readonly string[],
): readonly string[] => (asked.reached ? words(asked.answer) : [`${what} unreachable: ${asked.reason}`]);

function clustersVerdictOf(environment: string, onClusters: OnClusters): readonly string[] {
  if ('refused' in onClusters)
    return [`not asked: ${onClusters.refused.detail.next} was not run from this folder`];
  return rolesVerdictOf(environment, onClusters.disagreements);
}

function verdictOf(environment: string, onAws: OnAws): readonly string[] {
  if ('refused' in onAws) return [`not asked: ${onAws.refused.detail.found}`, onAws.refused.detail.next];
  return rolesVerdictOf(environment, onAws.disagreements);
}

const rolesVerdictOf = (environment: string, disagreements: readonly string[]): readonly string[] =>
  disagreements.length > 0
    ? [...disagreements, `tandem reconcile ${environment}`]
    : [`roles as declared; tandem plan ${environment} shows whether anything else differs`];

function statusOf(environment: Environment, drills: readonly Evidence[]) {
  const roles = loadRoles(environment);
  const last = drills
    .filter((drill) => drill.environment === environment.name)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
    .at(-1);
  return {
    environment: environment.name,
    target: environment.target,
    regions: environment.regions.map((region) => ({
      region,
      role: roles[region]?.role ?? 'unknown',
      generation: roles[region]?.generation ?? 0,
    })),
    lastDrill: last && `objectives ${last.outcome} on ${last.target}, ${last.startedAt} (${last.run})`,
  };
}

/** Every readable evidence below the folder; one that is not ours or half written is no drill. */
function readDrills(folder: string): readonly Evidence[] {
  let runs: readonly string[];
  try {
    runs = readdirSync(folder);
  } catch {
    return [];
  }
  return runs.flatMap((run) => {
    try {
      return [evidenceSchema.parse(JSON.parse(readFileSync(join(folder, run, 'evidence.json'), 'utf8')))];
    } catch {
      return [];
    }
  });
}
