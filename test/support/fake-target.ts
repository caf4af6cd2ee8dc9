import { setTimeout as sleep } from 'node:timers/promises';
import type { Shortened } from '../../failover/evidence/record';
import type { DrillEvent } from '../../failover/events';
import type { Endpoint, Fault, Target } from '../../failover/target';
import { type Addresses, pickAddresses } from '../../twin/addresses';
import { chooseFailover, rcodes } from '../../twin/dns/answer';
import { type DnsServer, startDnsServer } from '../../twin/dns/server';
import { FakeRegion, type Row } from './fake-region';

export type Call =
  | 'prepare'
  | 'inject'
  | 'comeBack'
  | 'setLatch'
  | 'takesWrites'
  | 'promote'
  | 'replicationLagBytes'
  | 'declare'
  | 'rebuild'
  | 'close';

/** What a test makes the fake do; in everything else it is a pair that works. */
export interface Behaviour {
  /** How many acknowledged writes the promotion of the failover forgets, and that of the switchover. */
  readonly forgets?: readonly [number, number];
  /** Writes that the lost region takes after it came back. */
  readonly takesWhenBack?: number;
  readonly neverUnhealthy?: boolean;
  /** Milliseconds from a latch's move until DNS and the regions see it. */
  readonly latchLagMs?: number;
  /** Milliseconds from a write until the standby has it; 0 is at once. */
  readonly replicationLagMs?: number;
  /** Status of a refused write. */
  readonly refusalStatus?: number;
  /** A region whose writes can't be listed. */
  readonly unreadable?: string;
  readonly shortened?: readonly Shortened[];
  /** Runs inside every call before its work: to reject, to hang, to look. */
  readonly inside?: (call: Call, ...args: readonly string[]) => Promise<void> | void;
}

const publicName = 'app.fake.example';

/**
 * A fake, for what real processes can't be made to do on demand: lose chosen writes, break a fence, hang, never be found
 * dead. Its regions are maps behind HTTP and its Route 53 is one rule; the clients, DNS and sockets in between are real.
 */
export class FakeTarget implements Target {
  readonly kind = 'embedded';
  readonly pace = { startSeconds: 60, planSeconds: 30 };
  readonly faults: ReadonlySet<Fault> = new Set<Fault>([
    'kill-region',
    'cut-region',
    'cut-link',
    'kill-postgres',
  ]);
  readonly timing = { healthCheckIntervalSeconds: 0.1, failureThreshold: 1, ttlSeconds: 0 };
  readonly simulated = ['everything behind the sockets'];
  readonly software = { postgres: 'none: a map', cache: 'none' };
  readonly shortened: readonly Shortened[];
  /** Every asynchronous call of the engine, in order, as words. */
  readonly calls: string[] = [];
  /** Every write that a region took, in order. */
  readonly taken: Row[] = [];
  /** What the promotions forgot, in order. */
  readonly forgotten: string[][] = [];
  readonly journaled: DrillEvent[] = [];
  readonly #regions: readonly [FakeRegion, FakeRegion];
  #dns: DnsServer | undefined;
  #standby: FakeRegion | undefined;
  #linked = true;
  #takesWhenBack = 0;

  private constructor(
    regions: readonly [string, string],
    private readonly addresses: Addresses,
    private readonly behaviour: Behaviour,
  ) {
    this.shortened = behaviour.shortened ?? [];
    const region = (index: 0 | 1): FakeRegion => {
      const address = addresses.regions[index].workloads[0];
      const fake: FakeRegion = new FakeRegion(
        regions[index],
        address,
        addresses.workloadPort,
        (row) => this.#take(fake, row),
        {
          refused: behaviour.refusalStatus ?? 503,
          listed: behaviour.unreadable === regions[index] ? 500 : 200,
        },
      );
      return fake;
    };
    this.#regions = [region(0), region(1)];
  }

  static async start(regions: readonly [string, string], behaviour: Behaviour): Promise<FakeTarget> {
    const target = new FakeTarget(regions, await pickAddresses(), behaviour);
    target.#dns = await startDnsServer(target.addresses.dns, ({ name }) => ({
      rcode: rcodes.NOERROR,
      records: [{ name, type: 'A', ttl: target.timing.ttlSeconds, data: target.#routed().address }],
    }));
    return target;
  }

  get publicEndpoint(): Endpoint {
    const dns = `${this.addresses.dns}:${this.#dns?.port ?? 0}`;
    return { host: publicName, port: this.addresses.workloadPort, via: { dns } };
  }

  pinnedEndpoint(region: string): Endpoint {
    const { address } = this.#region(region);
    return {
      host: `${region}.${publicName}`,
      port: this.addresses.workloadPort,
      via: { addresses: [address] },
    };
  }

  /** Puts writes into a region's map, as if they had been there. */
  hold(region: string, ids: readonly string[]): void {
    for (const id of ids) this.#region(region).rows.set(id, { id, writer: 0, region, atMs: 0 });
  }

  async prepare(active: string): Promise<void> {
    await this.#called('prepare', active);
    this.#region(active).primary = true;
    this.#standby = this.#peer(active);
    // By place, as Route 53 has it: a standby that is the PRIMARY starts latched out.
    if (this.#standby === this.#regions[0]) this.#standby.latch = 'closed';
    await Promise.all(this.#regions.map((region) => region.up()));
  }

  async inject(fault: Fault, region: string): Promise<void> {
    await this.#called('inject', fault, region);
    if (fault === 'cut-link') this.#linked = false;
    else await this.#region(region).down();
    // What runs a region brings back what died in it.
    if (fault === 'kill-postgres') setTimeout(() => void this.#region(region).up(), 700);
  }

  mendLink(): Promise<void> {
    this.#linked = true;
    return Promise.resolve();
  }

  async comeBack(region: string): Promise<void> {
    await this.#called('comeBack', region);
    this.#takesWhenBack = this.behaviour.takesWhenBack ?? 0;
    await this.#region(region).up();
  }

  verdict(region: string): Promise<'healthy' | 'unhealthy'> {
    return Promise.resolve(this.#healthy(this.#region(region)) ? 'healthy' : 'unhealthy');
  }

  async setLatch(region: string, latch: 'closed' | 'open'): Promise<void> {
    await this.#called('setLatch', region, latch);
    const moved = sleep(this.behaviour.latchLagMs ?? 0).then(() => {
      this.#region(region).latch = latch;
    });
    if (latch === 'open') await moved;
  }

  async takesWrites(region: string): Promise<boolean> {
    await this.#called('takesWrites', region);
    return this.#mayWrite(this.#region(region));
  }

  async promote(region: string): Promise<void> {
    await this.#called('promote', region);
    const promoted = this.#region(region);
    const count = this.behaviour.forgets?.[this.forgotten.length === 0 ? 0 : 1] ?? 0;
    const forgotten = count === 0 ? [] : this.#surelyAcknowledged().slice(-count);
    for (const id of forgotten) promoted.rows.delete(id);
    promoted.primary = true;
    this.#standby = undefined;
    this.forgotten.push(forgotten);
  }

  async replicationLagBytes(active: string, standby: string): Promise<number> {
    await this.#called('replicationLagBytes', active, standby);
    const replayed = this.#region(standby).rows;
    return [...this.#region(active).rows.keys()].filter((id) => !replayed.has(id)).length;
  }

  async declare(): Promise<void> {
    await this.#called('declare');
  }

  async rebuild(region: string, active: string): Promise<string> {
    await this.#called('rebuild', region, active);
    const standby = this.#region(region);
    standby.rows = new Map(this.#region(active).rows);
    standby.primary = false;
    this.#standby = standby;
    return 'base backup';
  }

  journal(event: DrillEvent): void {
    this.journaled.push(event);
  }

  async close(): Promise<void> {
    this.calls.push('close');
    // Whatever a test has it do then, no socket outlives it.
    await Promise.all(this.#regions.map((region) => region.down()));
    await this.#dns?.close();
    await this.behaviour.inside?.('close');
  }

  async #called(call: Call, ...args: readonly string[]): Promise<void> {
    this.calls.push([call, ...args].join(' '));
    await this.behaviour.inside?.(call, ...args);
  }

  #region(name: string): FakeRegion {
    return this.#regions[0].name === name ? this.#regions[0] : this.#regions[1];
  }

  #peer(name: string): FakeRegion {
    return this.#regions[0].name === name ? this.#regions[1] : this.#regions[0];
  }

  #healthy({ latch, downSinceMs }: FakeRegion): boolean {
    const noticedMs = this.timing.healthCheckIntervalSeconds * this.timing.failureThreshold * 1000;
    const answers = downSinceMs === undefined || performance.now() - downSinceMs < noticedMs;
    return latch === 'open' && (answers || this.behaviour.neverUnhealthy === true);
  }

  #routed(): FakeRegion {
    return chooseFailover(this.#regions[0], this.#regions[1], (region) => this.#healthy(region));
  }

  #mayWrite(region: FakeRegion): boolean {
    return region.primary && this.#routed() === region;
  }

  #take(region: FakeRegion, row: Row): boolean {
    if (!this.#mayWrite(region)) {
      if (this.#takesWhenBack === 0) return false;
      this.#takesWhenBack -= 1;
    }
    region.rows.set(row.id, row);
    this.taken.push(row);
    const standby = this.#standby;
    const replay = (): void => {
      const cut = !this.#linked || region.downSinceMs !== undefined || this.#standby !== standby;
      if (standby && standby !== region && !cut) standby.rows.set(row.id, row);
    };
    const lagMs = this.behaviour.replicationLagMs ?? 0;
    if (lagMs === 0) replay();
    else setTimeout(replay, lagMs);
    return true;
  }

  /** A client tries its next write only after the last was acknowledged: all but the newest of each writer were. */
  #surelyAcknowledged(): string[] {
    return this.taken
      .filter(({ writer }, index) => this.taken.slice(index + 1).some((later) => later.writer === writer))
      .map(({ id }) => id);
  }
}
