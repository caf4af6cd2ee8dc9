import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Environment, loadEnvironment } from '../environments';
import { loadRoles, type Roles } from '../environments/roles';
import { type Scenario, scenarios } from '../failover/drill';
import { phasesOf, runDrill } from '../failover/engine';
import type { Evidence } from '../failover/evidence/record';
import { summaryLines } from '../failover/evidence/summary';
import { writeEvidence } from '../failover/evidence/write';
import type { Target } from '../failover/target';
import { TandemError } from '../lib/errors';
import { versions } from '../lib/versions';
import { cacheServerOnPath } from '../twin/cache';
import { drillTarget } from './drill-target';
import { exitCodeOf, exitCodes, interruptible } from './exit';
import { picture } from './picture';
import { showProgress } from './progress';

interface DrillFlags {
  readonly target?: string;
  readonly scenario: Scenario;
  readonly realTime?: true;
  readonly evidence: string;
  readonly json?: true;
}

export function drillCommand(program: Command): void {
  program
    .command('drill')
    .summary('lose the active region, come back, measure what it cost')
    .description(
      'Breaks the active region under load. Where it is lost: fails over, proves the fence, rebuilds and switches back; where its\n' +
        'cluster has to mend it: waits for that. Prints RTO by phase, the exact list of lost writes, and objectives met or missed;\n' +
        'leaves evidence, and what it found as it found it.',
    )
    .argument('<environment>', 'what to drill, as described in environments/')
    .addOption(
      new Option('--target <target>', 'what to drill it on (default: the environment’s own)').choices([
        'embedded',
      ]),
    )
    .addOption(
      new Option('--scenario <scenario>', 'how the active region is lost')
        .choices(Object.keys(scenarios))
        .default('blackout'),
    )
    .option(
      '--real-time',
      'on embedded: production’s own health-check interval and TTL instead of one second each',
    )
    .option('--evidence <folder>', 'where the evidence of each run goes', 'evidence')
    .option('--json', 'the evidence as JSON on standard output, instead of progress and summary')
    .addHelpText(
      'after',
      `
Scenarios:
${Object.entries(scenarios)
  .map(([name, { text }]) => `  ${name.padEnd(10)} ${text}`)
  .join('\n')}

Examples:
  $ tandem drill production --target embedded
  $ tandem drill staging --target embedded --scenario kill
  $ tandem drill production --target embedded --real-time   # takes about four minutes
  $ tandem drill local --scenario postgres                  # on the clusters of tandem up`,
    )
    .action(async (name: string, flags: DrillFlags) => {
      process.exitCode = await drill(name, flags);
    });
}

async function drill(name: string, flags: DrillFlags): Promise<number> {
  const { signal, by } = interruptible();
  const environment = loadEnvironment(name);
  const roles = loadRoles(environment);
  const [from, to] = movement(environment, roles);
  const { target, changes } = await drillTarget(environment, roles, flags);
  const run = `${name}-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${process.pid}`;
  if (!flags.json) {
    const cached = target.kind === 'kubernetes' || cacheServerOnPath() !== undefined;
    const cache = cached ? `Valkey ${versions.valkey} or Redis` : 'no cache: runs degraded';
    console.log(`${picture(environment, roles, target.timing, cache)}\n\n${announcement(target, flags)}\n`);
  }
  const progress = flags.json
    ? undefined
    : showProgress(phasesOf(flags.scenario).map(({ name, title }) => ({ name, title: title({ from, to }) })));
  const evidence = await runDrill({
    run,
    environment,
    roles,
    target,
    scenario: flags.scenario,
    changes,
    listeners: progress ? [progress.listen] : [],
    signal,
  });
  await progress?.finished();
  const written = await writeEvidence(join(flags.evidence, run), evidence);
  if (flags.json) console.log(JSON.stringify(evidence, null, 2));
  else
    console.log(
      ['', ...summaryLines(evidence), '', 'Evidence', ...Object.values(written).map(indent)].join('\n'),
    );
  const interruption = by();
  return interruption ? exitCodeOf[interruption] : exitCodeFor(evidence);
}

const indent = (path: string): string => `  ${path}`;

function exitCodeFor({ outcome }: Evidence): number {
  if (outcome === 'met') return exitCodes.done;
  return outcome === 'missed' ? exitCodes.objectivesMissed : exitCodes.failed;
}

function announcement(target: Target, { scenario }: DrillFlags): string {
  return [
    `Scenario ${scenario}: ${scenarios[scenario].text}.`,
    ...target.shortened.map(
      ({ what, production, here }) => `Shortened: ${what}, ${here} (production: ${production})`,
    ),
  ].join('\n');
}

/** From the active region to the standby; any other pair of roles is not a state to drill from. */
function movement({ name, regions }: Environment, roles: Roles): readonly [string, string] {
  const [from, to] = ['active', 'standby'].map((role) =>
    regions.find((region) => roles[region]?.role === role),
  );
  if (from !== undefined && to !== undefined) return [from, to];
  throw new TandemError('DrillRefused', {
    found: regions.map((region) => `${region} is ${roles[region]?.role ?? 'nothing'}`).join(', '),
    expected: 'one region active and one standby',
    next: `make ${name} whole first: the region that is not active has to become a standby again`,
  });
}
