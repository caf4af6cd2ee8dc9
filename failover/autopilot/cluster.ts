import type { Resolver } from 'node:dns/promises';
import type { StandingDns } from '../../twin/dns/standing-client';
import type { LagSample } from '../operations/lag';
import type { OwnPostgres } from './cluster-database';
import { databaseAnswers, lookAtWitness } from './network';
import type { Looks } from './sighting';

/** What the autopilot of an environment on clusters looks at, from a pod of the region that it would make active. */
export interface ClusterSights {
  readonly region: string;
  readonly peer: string;
  /** The failover name, `<host>.<zone>`. */
  readonly publicName: string;
  /** Of the environment's name server, which stands beside both clusters. */
  readonly resolver: Resolver;
  readonly dns: Pick<StandingDns, 'regions' | 'operation'>;
  /** What Route 53 asks, by region: the own one within the cluster, the peer's by an address of its nodes. */
  readonly health: { readonly own: string; readonly peer: string };
  /** The TCP port under which the peer's nodes let PostgreSQL be reached. */
  readonly peerDatabasePort: number;
  readonly database: Pick<OwnPostgres, 'look'>;
  /** Addresses of the workload's pods here that can answer, and how many there should be at least. */
  readonly pods: () => Promise<readonly string[]>;
  readonly leastPods: number;
}

/** How long an answer may take, in milliseconds, and how long what was seen of the lag is kept. */
const answerMs = 2000;
const minuteMs = 60_000;
const keptMs = 30 * minuteMs;

/** Looks at two clusters, round after round. */
export class ClusterLookout {
  /** How far behind the database was, look by look. */
  #looks: readonly LagSample[] = [];
  /** When the database was last seen with nothing left to replay. */
  #caughtUpAtMs = -Infinity;

  constructor(private readonly sights: ClusterSights) {}

  /** Of one round. */
  looks(): Looks {
    const { region, peer, publicName, resolver, dns, health, database, ...more } = this.sights;
    const names = { own: `${region}.${publicName}`, peer: `${peer}.${publicName}` };
    const own = database.look();
    return {
      witness: () => lookAtWitness({ resolver }, publicName, names),
      peerServes: (signal) => serves(health.peer, signal),
      ownServes: (signal) => serves(health.own, signal),
      // What would close the latch of the lost region.
      edgeAnswers: async (signal) => (await dns.regions(signal))[peer] !== undefined,
      peerDatabaseAnswers: (signal) =>
        databaseAnswers({ resolver }, { address: names.peer, port: more.peerDatabasePort }, signal),
      replica: async () => (await own).replica,
      lag: async () => this.#lagWith((await own).behindSeconds),
      operation: (signal) => dns.operation(signal),
      clusterObjections: async () => {
        const { length: ready } = await more.pods();
        return ready < more.leastPods ? [`${ready} of ${more.leastPods} pods of the workload are ready`] : [];
      },
    };
  }

  /**
   * As RDS publishes it: the most of each minute, here of the one before each look; it begins with the watch. What is left to
   * replay came after the last look that saw nothing left, however long ago the last commit was.
   */
  #lagWith(behindSeconds: number): readonly LagSample[] {
    const now = Date.now();
    if (behindSeconds === 0) this.#caughtUpAtMs = now;
    const seconds = Math.min(behindSeconds, (now - this.#caughtUpAtMs) / 1000);
    this.#looks = [...this.#looks.filter(({ atMs }) => atMs > now - keptMs), { atMs: now, seconds }];
    return this.#looks.map((last) => {
      const within = this.#looks.filter(({ atMs }) => atMs <= last.atMs && atMs > last.atMs - minuteMs);
      const most = Math.max(...within.map((each) => each.seconds));
      return { atMs: last.atMs - minuteMs, seconds: last.seconds < 0 ? -1 : most };
    });
  }
}

/** Whether a URL answers with 2xx or 3xx, as Route 53 counts it. */
async function serves(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    await response.body?.cancel();
    return response.status >= 200 && response.status <= 399;
  } catch {
    return false;
  }
}
