import { Agent } from 'node:https';
import type { AwsEnvironment } from '../../environments';
import { reasonOf } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { Clients, type Observation } from '../clients';
import { Ledger, readIds } from '../ledger';
import { Route } from '../requests';
import type { Endpoint } from '../target';
import type { Measured } from './evidence';

/** Where clients reach an environment, and one region of it. */
export interface Doors {
  readonly open: Endpoint;
  readonly pinned: (region: string) => Endpoint;
}

/** An environment's names as this machine's resolver answers them, by HTTPS. */
export function doorsOf({ dns: { host, zone } }: AwsEnvironment): Doors {
  const tls = new Agent();
  const at = (name: string): Endpoint => ({ host: name, port: 443, via: { dns: undefined }, tls });
  return { open: at(`${host}.${zone}`), pinned: (region) => at(`${region}.${host}.${zone}`) };
}

/** Seconds until the first acknowledgement before a movement, and of the new region after it. */
const budget = { name: 'client-load', seconds: 180 };

/** Clients at an environment's public name: fewer and slower than a rehearsal's elsewhere, for what they write stays. */
export class Load {
  readonly #originMs = Date.now();
  readonly #prefix = this.#originMs.toString(36);
  readonly #ledger = new Ledger();
  readonly #observations: Observation[] = [];
  readonly #clients: Clients;

  private constructor(private readonly doors: Doors) {
    this.#clients = new Clients({
      endpoint: doors.open,
      ledger: this.#ledger,
      // The journal's clock, so that both can be laid side by side.
      clock: { now: () => Date.now() - this.#originMs },
      name: this.#prefix,
      writers: 4,
      readers: 4,
      paceMs: 500,
      observe: (observation) => this.#observations.push(observation),
    });
  }

  /** Starts clients where a region answers as the workload does; else why there are none. */
  static async start(doors: Doors, from: string, signal: AbortSignal): Promise<Load | string> {
    const { host } = doors.open;
    const region = await new Route(doors.open).send('GET', '/ready').then(
      (answer) => answer.region,
      () => undefined,
    );
    if (region === undefined) return `no client load: the workload does not answer at ${host}`;
    if (region !== from)
      return `no client load: at ${host} it is ${region} that answers, and no more ${from}`;
    const load = new Load(doors);
    try {
      await load.#acknowledgedBy(from, signal);
      return load;
    } catch (thrown) {
      await load.stop();
      signal.throwIfAborted();
      return `no client load: no write was acknowledged at ${host} (${reasonOf(thrown)})`;
    }
  }

  async stop(): Promise<void> {
    await this.#clients.stop();
  }

  /** Waits for a write that the new region acknowledges, stops, and compares. @throws TandemError BudgetExceeded, LedgerUnreadable */
  async measure(to: string, signal: AbortSignal): Promise<Measured> {
    await this.#acknowledgedBy(to, signal);
    await this.stop();
    const comparison = await this.#ledger.compare(() => readIds(this.doors.pinned(to), this.#prefix));
    return {
      originMs: this.#originMs,
      ledger: this.#ledger,
      observations: this.#observations,
      comparison,
    };
  }

  async #acknowledgedBy(wanted: string, signal: AbortSignal): Promise<void> {
    const what = `a client's write to be acknowledged by ${wanted}`;
    await waitFor({ what, budget, next: 'see what the workload refuses', everyMs: 200, signal }, () =>
      Promise.resolve(this.#ledger.writes.find(({ region }) => region === wanted)),
    );
  }
}
