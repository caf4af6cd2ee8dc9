import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './events';
import type { Ledger } from './ledger';
import { type Answer, Route } from './requests';
import type { Endpoint } from './target';

/** What one request of a client came to. */
export interface Observation {
  readonly atMs: number;
  readonly kind: 'write' | 'read';
  readonly outcome: 'acknowledged' | 'refused' | 'failed';
  /** The region that answered; when none did, the one that answered this client last. */
  readonly region: string | undefined;
  /** Why the region refused, by its own word. */
  readonly reason?: string;
}

export interface ClientsOptions {
  readonly endpoint: Endpoint;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Begins the ids of what these clients write. */
  readonly name: string;
  readonly writers: number;
  readonly readers: number;
  readonly paceMs: number;
  readonly observe: (observation: Observation) => void;
}

/**
 * Clients as a platform's users are: each resolves the name itself, sends one request at a time and tries a write again,
 * under the same id, until it is acknowledged. The last acknowledged write before and the first after is what RTO means.
 */
export class Clients {
  readonly #stop = new AbortController();
  readonly #loops: readonly Promise<void>[];

  constructor(private readonly options: ClientsOptions) {
    const indexes = (count: number): readonly number[] =>
      Array.from({ length: count }, (_, index) => index + 1);
    this.#loops = [
      ...indexes(options.writers).map((writer) => this.#write(writer)),
      ...indexes(options.readers).map(() => this.#read()),
    ];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  async #write(writer: number): Promise<void> {
    const { ledger, clock, name } = this.options;
    let sequence = 1;
    await this.#loop('write', async (route) => {
      const id = `${name}-w${writer}-${String(sequence).padStart(5, '0')}`;
      ledger.tried(id);
      const answer = await route.send('POST', '/data', { id, value: { writer, sequence } });
      if (answer.region !== undefined && (answer.status === 200 || answer.status === 201)) {
        ledger.acknowledged(id, clock.now(), answer.region);
        sequence += 1;
      }
      return answer;
    });
  }

  async #read(): Promise<void> {
    const { ledger } = this.options;
    await this.#loop('read', (route) => {
      const id = ledger.latest();
      return route.send('GET', id === undefined ? '/ready' : `/data/${id}`);
    });
  }

  async #loop(kind: 'write' | 'read', send: (route: Route) => Promise<Answer>): Promise<void> {
    const { endpoint, clock, paceMs, observe } = this.options;
    const { signal } = this.#stop;
    const route = new Route(endpoint);
    let region: string | undefined;
    // A random phase, so that clients do not move in step.
    await sleep(Math.random() * paceMs);
    while (!signal.aborted) {
      try {
        const answer = await send(route);
        // Who does not say which region it is, is no workload: a port may be somebody else's while a region starts.
        if (answer.region === undefined) throw new TypeError('not answered by a region');
        region = answer.region;
        // A standby that has not replayed a row yet answers 404: that is an answer.
        const accepted = answer.status < 300 || (kind === 'read' && answer.status === 404);
        const reason = accepted ? undefined : reasonIn(answer);
        observe({
          atMs: clock.now(),
          kind,
          outcome: accepted ? 'acknowledged' : 'refused',
          region,
          ...(reason !== undefined && { reason }),
        });
      } catch {
        observe({ atMs: clock.now(), kind, outcome: 'failed', region });
      }
      await sleep(paceMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function reasonIn({ status, body }: Answer): string {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem === 'object' && problem !== null && 'reason' in problem) return String(problem.reason);
  } catch {
    // Not a problem document; the status says enough.
  }
  return `status ${status}`;
}
