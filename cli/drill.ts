import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Environment, loadEnvironment } from '../environments';
import { loadRoles, type Role, type Roles } from '../environments/roles';
import { type Scenario, scenarios } from '../failover/drill';
import { phasesOf, runDrill } from '../failover/engine';
import type { Evidence } from '../failover/evidence/record';
import { summaryLines } from '../failover/evidence/summary';
import { writeEvidence } from '../failover/evidence/write';
import { movements } from '../failover/operations/drill';
import type { Target } from '../failover/target';
import { TandemError } from '../lib/errors';
import { versions } from '../lib/versions';
import { cacheServerOnPath } from '../twin/cache';
import { drillOnAws } from './drill-aws';
import { drillTarget } from './drill-target';
import { exitCodeOf, exitCodes, interruptible } from './exit';
import type { OperationFlags } from './operation';
import { picture } from './picture';
import { showProgress } from './progress';

interface DrillFlags extends OperationFlags {
  readonly target?: string;
  readonly scenario?: Scenario | keyof typeof movements;
  readonly realTime?: true;
  readonly load?: true;
  readonly evidence: string;
}

const lines = (facts: readonly (readonly [name: string, text: string])[]): string =>
  facts.map(([name, text]) => `  ${name.padEnd(10)} ${text}`).join('\n');

export function drillCommand(program: Command): void {
  program
    .command('drill')
    .summary('lose the active region, come back, measure what it cost')
    .description(
      'Breaks the active region under load. Where it is lost: fails over, proves the fence, rebuilds and switches back; where its\n' +
        'cluster has to mend it: waits for that. On AWS breaks nothing: moves the environment to its other region and makes the one\n' +
        'that left a standby again. Prints RTO by phase, the exact list of lost writes, and objectives met or missed; leaves\n' +
        'evidence, and but on AWS what it found as it found it.',
    )
    .argument('<environment>', 'what to drill, as described in environments/')
    .addOption(
      new Option('--target <target>', 'what to drill it on (default: the environment’s own)').choices([
        'embedded',
      ]),
    )
    .addOption(
      new Option(
        '--scenario <scenario>',
        'how the active region is lost, or leaves (default: blackout; on AWS switchover)',
      ).choices([...Object.keys(scenarios), ...Object.keys(movements)]),
    )
    .option(
      '--real-time',
      'on embedded: production’s own health-check interval and TTL instead of one second each',
    )
    .option('--load', 'on AWS: clients write to the public name meanwhile, and what they wrote stays')
    .option('--dry-run', 'on AWS: only list the calls, in their order, with parameters and budgets')
    .option('--yes', 'on AWS: do not ask')
    .option('--evidence <folder>', 'where the evidence of each run goes', 'evidence')
    .option('--json', 'the evidence as JSON on standard output, instead of progress and summary')
    .addHelpText(
      'after',
      `
Scenarios:
${lines(Object.entries(scenarios).map(([name, { text }]) => [name, text]))}
Scenarios on AWS:
${lines(Object.entries(movements))}

Examples:
  $ tandem drill production --target embedded
  $ tandem drill staging --target embedded --scenario kill
  $ tandem drill production --target embedded --real-time   # takes about four minutes
  $ tandem drill local --scenario postgres                  # on the clusters of tandem up
  $ tandem drill production --dry-run                       # on AWS`,
    )
    .action(async (name: string, flags: DrillFlags) => {
      process.exitCode = await drill(name, flags);
    });
}

async function drill(name: string, flags: DrillFlags): Promise<number> {
  const { signal, by } = interruptible();
  const environment = loadEnvironment(name);
  const run = `${name}-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${process.pid}`;
  const keep = (evidence: Evidence) => writeEvidence(join(flags.evidence, run), evidence);
  const evidence =
    environment.target === 'aws' && flags.target === undefined
      ? await drillOnAws({
          environment,
          run,
          scenario: scenarioAmong(movements, 'switchover', 'aws', flags),
          // One that is fenced left in a drill that goes on.
          between: movement(environment, loadRoles(environment), ['standby', 'fenced']),
          flags,
          keep,
          signal,
        }).catch((thrown: unknown) => {
          // Before anything was done that would be evidence.
          if (by() === undefined) throw thrown;
          return undefined;
        })
      : await drillTargets(environment, run, flags, signal);
  const interruption = by();
  if (!evidence) return interruption ? exitCodeOf[interruption] : exitCodes.done;
  const written = await keep(evidence);
  if (flags.json) console.log(JSON.stringify(evidence, null, 2));
  else
    console.log(
      ['', ...summaryLines(evidence), '', 'Evidence', ...Object.values(written).map(indent)].join('\n'),
    );
  return interruption ? exitCodeOf[interruption] : exitCodeFor(evidence);
}

async function drillTargets(
  environment: Environment,
  run: string,
  flags: DrillFlags,
  signal: AbortSignal,
): Promise<Evidence> {
  const scenario = scenarioAmong(scenarios, 'blackout', flags.target ?? environment.target, flags);
  const roles = loadRoles(environment);
  const [from, to] = movement(environment, roles, ['standby']);
  const { target, changes } = await drillTarget(environment, roles, flags);
  if (!flags.json) {
    const cached = target.kind === 'kubernetes' || cacheServerOnPath() !== undefined;
    const cache = cached ? `Valkey ${versions.valkey} or Redis` : 'no cache: runs degraded';
    console.log(
      `${picture(environment, roles, target.timing, cache)}\n\n${announcement(target, scenario)}\n`,
    );
  }
  const progress = flags.json
    ? undefined
    : showProgress(phasesOf(scenario).map(({ name, title }) => ({ name, title: title({ from, to }) })));
  const listeners = progress ? [progress.listen] : [];
  const evidence = await runDrill({ run, environment, roles, target, scenario, changes, listeners, signal });
  await progress?.finished();
  return evidence;
}

/**
 * The scenario that was asked for, where the target can do it; flags that only AWS has are refused elsewhere.
 * @throws TandemError FaultUnsupported
 */
function scenarioAmong<S extends string>(
  those: Readonly<Record<S, unknown>>,
  usual: NoInfer<S>,
  target: string,
  flags: DrillFlags,
): S {
  const { scenario = usual } = flags;
  const isOne = (name: string): name is S => name in those;
  const foreign = target === 'aws' ? [] : (['dryRun', 'load'] as const).filter((flag) => flags[flag]);
  if (isOne(scenario) && foreign.length === 0) return scenario;
  throw new TandemError('FaultUnsupported', {
    found: [`scenario ${scenario}`, ...foreign].join(', '),
    expected: `on ${target} one of ${Object.keys(those).join(', ')}${foreign.length > 0 ? ', and nothing that only AWS has' : ''}`,
    next: 'tandem drill --help lists scenarios and flags',
  });
}

const indent = (path: string): string => `  ${path}`;

function exitCodeFor({ outcome }: Evidence): number {
  if (outcome === 'met') return exitCodes.done;
  return outcome === 'missed' ? exitCodes.objectivesMissed : exitCodes.failed;
}

function announcement(target: Target, scenario: Scenario): string {
  return [
    `Scenario ${scenario}: ${scenarios[scenario].text}.`,
    ...target.shortened.map(
      ({ what, production, here }) => `Shortened: ${what}, ${here} (production: ${production})`,
    ),
  ].join('\n');
}

/** From the active region to the other, in one of these roles; any other pair of roles is not a state to drill from. */
function movement(
  { name, regions }: Environment,
  roles: Roles,
  others: readonly Role[],
): readonly [from: string, to: string] {
  const active = regions.find((region) => roles[region]?.role === 'active');
  const other = regions.find((region) => others.some((role) => roles[region]?.role === role));
  if (active !== undefined && other !== undefined) {
    return roles[other]?.role === 'fenced' ? [other, active] : [active, other];
  }
  throw new TandemError('DrillRefused', {
    found: regions.map((region) => `${region} is ${roles[region]?.role ?? 'nothing'}`).join(', '),
    expected: 'one region active and one standby',
    next: `make ${name} whole first: tandem reconcile ${name}, then tandem rebuild ${name} --region ${regions.find((region) => region !== active) ?? '<region>'}`,
  });
}
