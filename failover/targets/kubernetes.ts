import type { Environment } from '../../environments';
import type { Clusters } from '../../environments/clusters';
import type { Roles } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import { nodePorts } from '../../lib/in-cluster';
import { waitFor } from '../../lib/wait';
import type { StandingDns } from '../../twin/dns/standing-client';
import type { DrillEvent } from '../events';
import type { Endpoint, Fault, Target, Timing } from '../target';
import { regionOf } from './embedded-pair';
import { bringHome, isAway } from './kubernetes-home';
import { Cluster } from './kubernetes-cluster';
import { pace, shortened, simulated, timingOf } from './kubernetes-limits';
import { Nodes } from './kubernetes-nodes';
import { drillFile, DrillRun } from './kubernetes-run';

export interface KubernetesOptions {
  readonly environment: Environment;
  readonly clusters: Clusters;
  readonly dns: Pick<StandingDns, 'regions' | 'setLatch'>;
  /** As roles.json declares them: what the clusters are told again when the drill is over. */
  readonly roles: Roles;
}

/** A region with what can be done to it. */
interface Place {
  readonly cluster: Cluster;
  /** Left out where the nodes are no containers of this machine. */
  readonly nodes: Nodes | undefined;
}

const ofNodes: readonly Fault[] = ['kill-region', 'freeze-region', 'cut-region', 'cut-link'];

/** Two clusters that `tandem up` has filled; a drill leaves them as it found them. */
export class KubernetesTarget implements Target {
  readonly kind = 'kubernetes';
  readonly pace = pace;
  readonly shortened = shortened;
  readonly simulated = simulated;
  readonly timing: Timing;
  software = { postgres: 'not asked', cache: 'not asked' };
  readonly #ending = new AbortController();

  private constructor(
    private readonly options: KubernetesOptions,
    private readonly run: DrillRun,
    private readonly places: Readonly<Record<string, Place>>,
    readonly faults: ReadonlySet<Fault>,
  ) {
    this.timing = timingOf(options.environment);
  }

  /** Finds out which faults these clusters allow; breaks nothing. @throws TandemError DrillRefused, CommandFailed */
  static async open(options: KubernetesOptions): Promise<KubernetesTarget> {
    const { environment, clusters } = options;
    const run = DrillRun.begin(drillFile(environment));
    try {
      const found = await Promise.all(
        Object.entries(clusters.regions).map(async ([region, { context }]) => {
          const cluster = new Cluster(region, context);
          const names = run.nodesOf(region) ?? (await cluster.nodes());
          run.know(region, names);
          return [region, { cluster, nodes: await Nodes.find(names) }] as const;
        }),
      );
      const local = found.every(([, { nodes }]) => nodes !== undefined);
      const faults = new Set<Fault>(['delete-pods', 'kill-postgres', ...(local ? ofNodes : [])]);
      return new KubernetesTarget(options, run, Object.fromEntries(found), faults);
    } catch (thrown) {
      run.end();
      throw thrown;
    }
  }

  get publicEndpoint(): Endpoint {
    const { dns } = this.options.clusters;
    return { host: this.#publicName, port: nodePorts.workload, via: { dns } };
  }

  pinnedEndpoint(region: string): Endpoint {
    const [address] = regionOf(this.options.clusters.regions, region).addresses;
    const host = `${region}.${this.#publicName}`;
    return { host, port: nodePorts.workload, via: { addresses: [address] } };
  }

  async prepare(active: string, tell: (text: string) => void): Promise<void> {
    const [first, second] = this.options.environment.regions;
    const standby = active === first ? second : first;
    if (this.run.diedIn !== undefined) tell(`the drill before died in phase ${this.run.diedIn}`);
    await this.#eachNodes((nodes) => nodes.restore());
    await this.#until('both clusters to answer', async () => {
      const ready = await Promise.all(Object.values(this.places).map(({ cluster }) => cluster.isReady()));
      return ready.every(Boolean);
    });
    const [primary, replica] = [this.#place(active).cluster, this.#place(standby).cluster];
    await this.#until('PostgreSQL to answer in both regions', async () => {
      await Promise.all([primary.isStandby(), replica.isStandby()]);
      return true;
    });
    if (await isAway({ home: primary, away: replica })) {
      tell(`${standby} is active where ${active} should be: switching over to it`);
      await bringHome({
        target: this,
        home: primary,
        away: replica,
        follows: () => this.#follows(primary, replica),
        until: (what, probe) => this.#until(what, probe),
      });
    }
    await this.setLatch(active, 'open');
    // With both regions healthy Route 53 answers the PRIMARY, so a standby that is the PRIMARY stays latched out.
    await this.setLatch(standby, standby === first ? 'closed' : 'open');
    await this.declare(this.options.roles);
    if (!(await this.#follows(replica, primary))) {
      tell(
        `${standby} does not stream from ${active}: made a standby by ${await this.rebuild(standby, active)}`,
      );
    }
    await this.#until(`${active} to be healthy and take writes`, async () => {
      const healthy = (await this.verdict(active)) === 'healthy';
      return healthy && (await this.takesWrites(active));
    });
    this.software = {
      postgres: `PostgreSQL ${await primary.postgresVersion()}`,
      cache: await primary.cacheVersion(),
    };
  }

  async inject(fault: Fault, region: string): Promise<void> {
    const { cluster, nodes } = this.#place(region);
    if (fault === 'delete-pods') return cluster.deletePods();
    if (fault === 'kill-postgres') return cluster.killPostgres();
    if (fault === 'kill-region') return nodes?.kill();
    if (fault === 'freeze-region') return nodes?.freeze();
    if (fault === 'cut-region') return nodes?.cut();
    const { regions } = this.options.clusters;
    const peers = Object.entries(regions).filter(([name]) => name !== region);
    return nodes?.cut(peers.flatMap(([, { addresses }]) => addresses));
  }

  async mendLink(): Promise<void> {
    await this.#eachNodes((nodes) => nodes.mend());
  }

  async comeBack(region: string): Promise<void> {
    await this.#place(region).nodes?.restore();
  }

  async verdict(region: string): Promise<'healthy' | 'unhealthy'> {
    return regionOf(await this.options.dns.regions(), region).verdict;
  }

  async setLatch(region: string, latch: 'closed' | 'open'): Promise<void> {
    await this.options.dns.setLatch(region, latch);
  }

  async takesWrites(region: string): Promise<boolean> {
    return this.#place(region).cluster.takesWrites();
  }

  async promote(region: string): Promise<void> {
    await this.#place(region).cluster.promote(30);
  }

  async replicationLagBytes(active: string, standby: string): Promise<number> {
    const [written = '0/0'] = await this.#place(active).cluster.sql('select pg_current_wal_lsn()');
    const [lag] = await this.#place(standby).cluster.sql(
      `select greatest(0, '${written}'::pg_lsn - pg_last_wal_replay_lsn())`,
    );
    return Number(lag ?? Number.NaN);
  }

  async declare(roles: Roles): Promise<void> {
    for (const [region, role] of Object.entries(roles)) {
      await this.#until(`${region} to take its role`, async () => {
        await this.#place(region).cluster.declare(role);
        return true;
      });
    }
  }

  async rebuild(region: string, active: string): Promise<string> {
    const [standby, primary] = [this.#place(region).cluster, this.#place(active).cluster];
    await this.#until(`PostgreSQL of ${region} to be started anew`, async () => {
      await standby.rebuildDatabase();
      return true;
    });
    await this.#until(`${region} to stream from ${active}`, () => this.#follows(standby, primary));
    return standby.rebuiltBy();
  }

  journal(event: DrillEvent): void {
    if (event.type === 'phase-started') this.run.inPhase(event.phase);
  }

  /** Undoes every fault. Where the roles are as declared again, the clusters are told so; else what they are told stays true. */
  async close(): Promise<void> {
    this.#ending.abort(new TandemError('RunEnded', over));
    await this.#eachNodes((nodes) => nodes.restore());
    const declared = Object.entries(this.options.roles).map(async ([region, { role }]) => {
      return (await this.#place(region).cluster.isStandby()) === (role === 'standby');
    });
    const settled = await Promise.allSettled(declared);
    if (settled.every((one) => one.status === 'fulfilled' && one.value)) {
      for (const [region, role] of Object.entries(this.options.roles)) {
        await this.#place(region).cluster.declare(role);
      }
    }
    this.run.end();
  }

  get #publicName(): string {
    const { host, zone } = this.options.environment.dns;
    return `${host}.${zone}`;
  }

  #place(region: string): Place {
    return regionOf(this.places, region);
  }

  /** Also of a cluster that does not answer: its nodes are asked of docker. */
  async #eachNodes(work: (nodes: Nodes) => Promise<void>): Promise<void> {
    const all = Object.values(this.places).flatMap(({ nodes }) => nodes ?? []);
    await Promise.all(all.map(work));
  }

  async #follows(standby: Cluster, active: Cluster): Promise<boolean> {
    return (await standby.isStandby()) && (await active.isStreamedFrom());
  }

  async #until(what: string, probe: () => Promise<boolean>): Promise<void> {
    await waitFor(
      {
        what,
        budget: { name: 'clusterSettled', seconds: pace.startSeconds },
        next: `tandem status ${this.options.environment.name}`,
        everyMs: 250,
        signal: this.#ending.signal,
      },
      async () => (await probe()) || undefined,
    );
  }
}

const over = {
  found: 'something was still waiting for a cluster',
  expected: 'nothing: the drill is over',
  next: 'nothing: this is how it learns of an interruption',
};
