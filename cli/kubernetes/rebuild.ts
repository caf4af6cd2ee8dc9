import type { KubernetesEnvironment } from '../../environments';
import { loadClusters } from '../../environments/clusters';
import { loadRoles, type RegionRole, type Roles, saveRoles } from '../../environments/roles';
import { latchFor } from '../../failover/operations/reconcile';
import { KubernetesTarget } from '../../failover/targets/kubernetes';
import { TandemError } from '../../lib/errors';
import { readStandingRecord, StandingDns } from '../../twin/dns/standing-client';
import { confirm } from '../confirm';
import { dnsFile } from '../dns';
import { exitCodeOf, interruptible } from '../exit';
import type { OperationFlags } from '../operation';

/**
 * Makes a fenced region's PostgreSQL a standby of the active one, as the next generation, and declares it. What only the fenced
 * region has is lost with it. Until it is declared the same command does all of it again.
 * @throws TandemError OperationRefused, NotConfirmed, ClustersMissing, DrillRefused, CommandFailed, BudgetExceeded
 */
export async function rebuildOnClusters(
  environment: KubernetesEnvironment,
  region: string,
  flags: OperationFlags,
): Promise<void> {
  const { name } = environment;
  const { signal, by } = interruptible();
  const { active, roles, next } = rebuiltRoles(environment, region);
  const latch = latchFor(environment, roles, region);
  const say = (...lines: readonly string[]) => {
    if (!flags.json) console.log(lines.join('\n'));
  };
  say(
    `Rebuild ${region} of ${name}`,
    `  PostgreSQL of ${region}: what it has and ${active} has not is lost; then generation ${next.generation}, a standby of ${active}`,
    `  environments/roles.json: ${region} is ${next.role}, generation ${next.generation}`,
    `  latch of ${region}: ${latch}`,
  );
  if (flags.dryRun) {
    if (flags.json) console.log(JSON.stringify({ region, active, roles, latch }, null, 2));
    return;
  }
  if (!flags.yes) await confirm(`tandem rebuild ${name} --region ${region}`, signal);
  const dns = new StandingDns(name, () => readStandingRecord(dnsFile(environment)));
  const clusters = loadClusters(environment);
  const target = await KubernetesTarget.open({ environment, clusters, dns, roles });
  // Ends its waits.
  signal.addEventListener('abort', () => void target.close().catch(() => undefined), { once: true });
  try {
    await target.declare(roles);
    say(`PostgreSQL of ${region} starts anew, and copies what it lacks`);
    const rebuiltBy = await target.rebuild(region, active);
    await dns.setLatch(region, latch);
    saveRoles(environment, roles);
    if (flags.json) console.log(JSON.stringify({ region, active, roles, latch, rebuiltBy }, null, 2));
    say(
      `Done: ${region} is a standby of ${active}, generation ${next.generation}, by ${rebuiltBy}`,
      'Next: commit environments/roles.json',
      `Next: tandem plan ${name}`,
    );
  } catch (thrown) {
    const interruption = by();
    if (!interruption) throw thrown;
    console.error(`ended by ${interruption}\nNext: run the same command again`);
    process.exitCode = exitCodeOf[interruption];
  } finally {
    await target.close();
  }
}

/** @throws TandemError OperationRefused when the region is not fenced beside an active one */
function rebuiltRoles(
  environment: KubernetesEnvironment,
  region: string,
): { readonly active: string; readonly roles: Roles; readonly next: RegionRole } {
  const declared = loadRoles(environment);
  const active = environment.regions.find((each) => declared[each]?.role === 'active');
  const own = declared[region];
  if (active !== undefined && own?.role === 'fenced') {
    const next: RegionRole = { role: 'standby', generation: own.generation + 1 };
    return { active, roles: { ...declared, [region]: next }, next };
  }
  throw new TandemError('OperationRefused', {
    found: `${region} is ${own?.role ?? 'not declared'}`,
    expected: 'a region that is fenced',
    next: `tandem reconcile ${environment.name} after a failover: only what is fenced is rebuilt`,
  });
}
