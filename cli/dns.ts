import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { type Environment, loadEnvironment } from '../environments';
import { controlPort, loadClusters, stateFolder } from '../environments/clusters';
import { loadRoles } from '../environments/roles';
import { drillRuns } from '../failover/targets/kubernetes-run';
import { TandemError } from '../lib/errors';
import { nodePorts } from '../lib/in-cluster';
import { waitFor } from '../lib/wait';
import { serveStanding } from '../twin/dns/standing';
import { readStandingRecord } from '../twin/dns/standing-client';
import { isAlive } from '../twin/processes';
import { exitCodeOf, interruptible } from './exit';
import { trafficStack } from './traffic-stack';

export function dnsCommand(program: Command): void {
  program
    .command('dns')
    .summary('serve the public name of an environment on clusters')
    .description(
      'Answers the environment’s public name by the synthesized Route 53 records, and checks both clusters’ health as Route 53\n' +
        'would. Runs beside the clusters until it is told to end; workloads take writes only while it answers. `tandem up` starts it.',
    )
    .argument('<environment>', 'an environment on kubernetes, as described in environments/')
    .addHelpText('after', '\nExamples:\n  $ tandem dns local')
    .action(async (name: string) => {
      const environment = loadEnvironment(name);
      onClusters(environment);
      const { signal, by } = interruptible();
      await serve(environment, signal);
      const interruption = by();
      if (interruption) process.exitCode = exitCodeOf[interruption];
    });
}

async function serve(environment: Environment, signal: AbortSignal): Promise<void> {
  const { dns, regions } = environment;
  const clusters = loadClusters(environment);
  const roles = loadRoles(environment);
  const publicName = `${dns.host}.${dns.zone}`;
  const [address = '', port = ''] = clusters.dns.split(':');
  const end = await serveStanding({
    synthesized: JSON.parse(trafficStack(environment, roles)),
    publicName,
    addresses: Object.fromEntries(
      Object.entries(clusters.regions).map(([region, { addresses }]) => [region, addresses.slice(0, 1)]),
    ),
    workloadPort: nodePorts.workload,
    bind: { address, port: Number(port), controlPort },
    token: controlToken(environment),
    operation: () => (drillRuns(environment) ? 'under-way' : 'none'),
    file: dnsFile(environment),
    // With both regions healthy Route 53 answers the PRIMARY, so a standby that is the PRIMARY is latched out.
    latches: { [regions[0]]: roles[regions[0]]?.role === 'active' ? 'open' : 'closed' },
  });
  console.log(`DNS for ${publicName} on ${clusters.dns}`);
  if (!signal.aborted) await once(signal, 'abort');
  await end();
}

/** What the environment's name server wants to be shown, and its autopilots have in a Secret: made once, for its owner alone. */
export function controlToken(environment: Pick<Environment, 'name'>): string {
  const file = join(stateFolder(environment), 'control-token');
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  }
  return readFileSync(file, 'utf8');
}

/** Where an environment's standing name server keeps how to ask it. */
export const dnsFile = (environment: Environment): string => join(stateFolder(environment), 'dns.json');

/**
 * Ends the environment's standing name server; none running is no error.
 * @throws TandemError BudgetExceeded
 */
export async function stopDns(environment: Environment): Promise<void> {
  const record = readStandingRecord(dnsFile(environment));
  if (!record || !isAlive(record)) return;
  process.kill(record.pid, 'SIGTERM');
  await waitFor(
    {
      what: `the name server of ${environment.name} to end`,
      budget: { name: 'dnsStopped', seconds: 10 },
      next: `end process ${record.pid}`,
    },
    () => Promise.resolve(isAlive(record) ? undefined : true),
  );
}

/** @throws TandemError TargetUnavailable */
function onClusters({ name, target }: Environment): void {
  if (target === 'kubernetes') return;
  throw new TandemError('TargetUnavailable', {
    found: `${name} is deployed to ${target}, where DNS is the target's own`,
    expected: 'an environment on kubernetes',
    next: 'tandem dns local',
  });
}
