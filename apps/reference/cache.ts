import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from './metrics';
import { Valkey, type ValkeyOptions } from './valkey';

/** What a command may take of a request's time. */
const commandMs = 100;

export interface Lookup {
  readonly result: 'hit' | 'miss' | 'degraded' | 'off';
  readonly text?: string;
}

/**
 * Cache-aside in Valkey. No failure of it reaches a request: it is counted, and the caller goes on to the database.
 * A delete that the cache missed, or refused because it was still another's replica, may be served until the entry's TTL is
 * over.
 */
export class Cache {
  readonly #valkey: Valkey | undefined;
  #lastFailed = false;

  /** @param server left out to run without a cache */
  constructor(
    server: Omit<ValkeyOptions, 'failed'> | undefined,
    private readonly ttlSeconds: number,
    private readonly metrics: Metrics,
  ) {
    if (server === undefined) return;
    const failed = () => this.metrics.cacheOperations.inc({ result: 'connection-error' });
    this.#valkey = new Valkey({ ...server, failed });
    this.#valkey.client.on('ready', () => (this.#lastFailed = false));
  }

  get state(): 'ok' | 'degraded' | 'off' {
    if (!this.#valkey) return 'off';
    return this.#valkey.client.status === 'ready' && !this.#lastFailed ? 'ok' : 'degraded';
  }

  async get(id: string): Promise<Lookup> {
    const client = this.#valkey?.client;
    if (!client) return { result: 'off' };
    const answer = await this.#attempt(async () => ({ text: await client.get(keyOf(id)) }));
    if (!answer) return { result: 'degraded' };
    const result = answer.text === null ? 'miss' : 'hit';
    this.metrics.cacheOperations.inc({ result });
    return answer.text === null ? { result } : { result, text: answer.text };
  }

  async set(id: string, text: string): Promise<void> {
    await this.#attempt(async () => this.#valkey?.client.set(keyOf(id), text, 'EX', this.ttlSeconds));
  }

  async invalidate(id: string): Promise<void> {
    const removed = await this.#attempt(async () => this.#valkey?.client.del(keyOf(id)));
    if (removed) this.metrics.cacheOperations.inc({ result: 'invalidated' });
  }

  close(): void {
    this.#valkey?.close();
  }

  async #attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    const late = sleep(commandMs, undefined, { ref: false });
    const answer = await Promise.race([command().then((value) => ({ value })), late]).catch(refusalOf);
    this.#lastFailed = answer === undefined;
    if (typeof answer === 'object') return answer.value;
    this.metrics.cacheOperations.inc({ result: answer ?? 'error' });
    return undefined;
  }
}

/** A replica answers, and takes no writes: whoever it copies fills it. */
const refusalOf = (thrown: unknown) =>
  thrown instanceof Error && thrown.message.startsWith('READONLY ') ? 'read-only' : undefined;

const keyOf = (id: string): string => `data:${id}`;
