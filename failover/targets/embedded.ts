import { z } from 'zod';
import type { Environment } from '../../environments';
import { TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { cacheServerOnPath, cacheVersion } from '../../twin/cache';
import { moveLatch, shortAlarmPeriodSeconds } from '../../twin/dns/latch';
import { type RegionTraffic, regionTraffic } from '../../twin/dns/region-traffic';
import { startRoute53 } from '../../twin/dns/route53';
import { Link } from '../../twin/link';
import type { Region } from '../../twin/region';
import { cleanStaleRuns, RunFolder } from '../../twin/run-folder';
import { detectionSeconds } from '../budgets';
import type { Shortened } from '../evidence/record';
import type { DrillEvent } from '../events';
import type { Endpoint, Fault, Target, Timing } from '../target';
import { shortenings, simulated } from './embedded-limits';
import { newRegions, type Pair, regionOf } from './embedded-pair';

export interface EmbeddedOptions {
  readonly environment: Environment;
  /** The environment's traffic stack as synthesized: cdk.tf.json, parsed. */
  readonly synthesized: unknown;
  /** Production's interval and TTL instead of one second each. */
  readonly realTime: boolean;
}

const journalEntry = z.object({ phase: z.string() });

const degraded = 'none on PATH (valkey-server, redis-server): the workload ran degraded';

/** Two regions of real processes on this machine. */
export class EmbeddedTarget implements Target {
  readonly kind = 'embedded';
  readonly faults: ReadonlySet<Fault> = new Set<Fault>(['kill-region', 'cut-link']);
  readonly timing: Timing;
  readonly pace = { startSeconds: 60, planSeconds: 30 };
  readonly shortened: readonly Shortened[];
  readonly simulated = simulated;
  software = { postgres: 'PostgreSQL not started', cache: 'not started' };
  readonly #publicName: string;
  readonly #traffic: Readonly<Record<string, RegionTraffic>>;
  #folder: RunFolder | undefined;
  #link: Link | undefined;
  #pair: Pair | undefined;

  constructor(private readonly options: EmbeddedOptions) {
    const { environment, synthesized, realTime } = options;
    const { dns, healthCheck, regions } = environment;
    const production: Timing = {
      healthCheckIntervalSeconds: healthCheck.intervalSeconds,
      failureThreshold: healthCheck.failureThreshold,
      ttlSeconds: dns.ttlSeconds,
    };
    this.timing = realTime ? production : { ...production, healthCheckIntervalSeconds: 1, ttlSeconds: 1 };
    this.shortened = shortenings(production, this.timing);
    this.#publicName = `${dns.host}.${dns.zone}`;
    this.#traffic = Object.fromEntries(
      regions.map((region) => [region, regionTraffic(synthesized, this.#publicName, region)]),
    );
  }

  get publicEndpoint(): Endpoint {
    const { route53, addresses } = this.#up;
    const dns = `${route53.address}:${route53.port}`;
    return { host: this.#publicName, port: addresses.workloadPort, via: { dns } };
  }

  pinnedEndpoint(region: string): Endpoint {
    const { addresses, ports } = this.#region(region).options;
    return {
      host: `${region}.${this.#publicName}`,
      port: ports.workload,
      via: { addresses: addresses.workloads },
    };
  }

  async prepare(active: string, tell: (text: string) => void): Promise<void> {
    for (const { run, processesKilled, lastEntry } of await cleanStaleRuns()) {
      tell(`run ${run} died ${diedIn(lastEntry)}: ${processesKilled} processes ended, folder removed`);
    }
    const folder = await RunFolder.create();
    this.#folder = folder;
    const cacheServer = cacheServerOnPath();
    const { regions: names } = this.options.environment;
    const { addresses, regions } = await newRegions({
      folder,
      names,
      publicName: this.#publicName,
      cacheServer,
      dns: () => this.#up.route53,
    });
    const standby = names[0] === active ? names[1] : names[0];
    const [primary, replica] = [regionOf(regions, active), regionOf(regions, standby)];

    await primary.createPrimary();
    await primary.migrate();
    tell(`PostgreSQL ${active} has its schema`);
    await this.#follow(replica, primary);
    tell(`${standby} streams from ${active}`);

    const route53 = await startRoute53({
      synthesized: this.options.synthesized,
      loadBalancers: Object.fromEntries(
        names.map((name, index) => [
          this.#traffic[name]?.loadBalancer ?? name,
          addresses.regions[index]?.workloads ?? [],
        ]),
      ),
      endpointPort: addresses.workloadPort,
      bind: { address: addresses.dns },
      ...(!this.options.realTime && {
        intervalMs: this.timing.healthCheckIntervalSeconds * 1000,
        alarmPeriodMs: shortAlarmPeriodSeconds * 1000,
        ttlSeconds: this.timing.ttlSeconds,
      }),
    });
    this.#pair = { addresses, regions, route53 };
    // With both regions healthy Route 53 answers the PRIMARY, so a standby that is the PRIMARY starts latched out.
    if (standby === names[0]) await this.setLatch(standby, 'closed');
    await Promise.all([primary.startServices(), replica.startServices()]);
    tell(`DNS and ${primary.options.addresses.workloads.length} workload processes a region are up`);
    this.software = {
      postgres: `PostgreSQL ${await primary.postgres.version()}`,
      cache: cacheServer === undefined ? degraded : await cacheVersion(cacheServer),
    };
    await waitFor(
      {
        what: `${active} to be healthy and take writes`,
        budget: { name: 'pairReady', seconds: 30 + 2 * detectionSeconds(this.timing) },
        next: 'look for a machine short of CPU, and run the command again',
        signal: folder.ended,
      },
      async () =>
        ((await this.verdict(active)) === 'healthy' && (await this.takesWrites(active))) || undefined,
    );
  }

  async inject(fault: Fault, region: string): Promise<void> {
    if (fault === 'cut-link') {
      this.#link?.cut();
      return;
    }
    this.#up.route53.setRegionDown(region, true);
    await this.#region(region).kill();
  }

  mendLink(): Promise<void> {
    this.#link?.mend();
    return Promise.resolve();
  }

  async comeBack(region: string): Promise<void> {
    this.#up.route53.setRegionDown(region, false);
    await this.#region(region).comeBack();
  }

  verdict(region: string): Promise<'healthy' | 'unhealthy'> {
    return Promise.resolve(this.#up.route53.healthOf(region));
  }

  async setLatch(region: string, latch: 'closed' | 'open'): Promise<void> {
    await moveLatch(this.#up.route53, regionOf(this.#traffic, region), latch, this.#folder?.ended);
  }

  async takesWrites(region: string): Promise<boolean> {
    return this.#region(region).takesWrites();
  }

  async promote(region: string): Promise<void> {
    await this.#region(region).postgres.promote();
  }

  async replicationLagBytes(active: string, standby: string): Promise<number> {
    return this.#region(standby).postgres.lagBehind(this.#region(active).postgres);
  }

  /** Nobody declares processes. */
  declare(): Promise<void> {
    return Promise.resolve();
  }

  async rebuild(region: string, active: string): Promise<string> {
    await this.#follow(this.#region(region), this.#region(active));
    return 'base backup';
  }

  journal(event: DrillEvent): void {
    if ('phase' in event) this.#folder?.journal(event);
  }

  async close(): Promise<void> {
    this.#folder?.end();
    await Promise.allSettled(Object.values(this.#pair?.regions ?? {}).map((region) => region.stop()));
    await this.#link?.close();
    await this.#pair?.route53.close();
    await this.#folder?.remove();
  }

  get #up(): Pair {
    if (this.#pair) return this.#pair;
    throw new TandemError('DrillRefused', {
      found: 'the pair is not up',
      expected: 'that preflight brought it up',
      next: 'report this with the evidence: it is a mistake of Tandem',
    });
  }

  #region(name: string): Region {
    return regionOf(this.#up.regions, name);
  }

  /** Replication crosses the link; its end before this one goes. */
  async #follow(standby: Region, active: Region): Promise<void> {
    await this.#link?.close();
    const { addresses, ports } = active.options;
    this.#link = await Link.open(
      { host: addresses.data, port: ports.postgres },
      standby.options.addresses.data,
    );
    await standby.rebuildFrom(active, { host: standby.options.addresses.data, port: this.#link.port });
  }
}

/** Where a journal ends, in words. */
function diedIn(lastEntry: string | undefined): string {
  try {
    return `in phase ${journalEntry.parse(JSON.parse(lastEntry ?? '')).phase}`;
  } catch {
    return 'before its first phase';
  }
}
