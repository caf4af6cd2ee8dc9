import { Redis } from 'ioredis';
import type { Metrics } from './metrics';

/** Time that a cache command may take, and how long a reconnect waits at most. */
const commandTimeoutMs = 100;
const reconnectMaxMs = 2000;

export interface Lookup {
  readonly result: 'hit' | 'miss' | 'degraded' | 'off';
  readonly text?: string;
}

/**
 * Cache-aside in Valkey. No failure of it reaches a request: it is counted, and the caller goes on to the database.
 * A delete that the cache missed may be served until the entry's TTL is over.
 */
export class Cache {
  readonly #redis: Redis | undefined;
  #lastFailed = false;

  constructor(
    url: string | undefined,
    private readonly ttlSeconds: number,
    private readonly metrics: Metrics,
  ) {
    if (url === undefined) return;
    this.#redis = new Redis(url, {
      commandTimeout: commandTimeoutMs,
      connectTimeout: 1000,
      // A connection that went silent is dropped, so that requests stop waiting for it one by one.
      socketTimeout: 1000,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), reconnectMaxMs),
    });
    this.#redis.on('ready', () => (this.#lastFailed = false));
    this.#redis.on('error', () => this.metrics.cacheOperations.inc({ result: 'connection-error' }));
  }

  get state(): 'ok' | 'degraded' | 'off' {
    if (!this.#redis) return 'off';
    return this.#redis.status === 'ready' && !this.#lastFailed ? 'ok' : 'degraded';
  }

  async get(id: string): Promise<Lookup> {
    const redis = this.#redis;
    if (!redis) return { result: 'off' };
    const answer = await this.#attempt(async () => ({ text: await redis.get(keyOf(id)) }));
    if (!answer) return { result: 'degraded' };
    const result = answer.text === null ? 'miss' : 'hit';
    this.metrics.cacheOperations.inc({ result });
    return answer.text === null ? { result } : { result, text: answer.text };
  }

  async set(id: string, text: string): Promise<void> {
    await this.#attempt(async () => this.#redis?.set(keyOf(id), text, 'EX', this.ttlSeconds));
  }

  async invalidate(id: string): Promise<void> {
    await this.#attempt(async () => this.#redis?.del(keyOf(id)));
  }

  close(): void {
    this.#redis?.disconnect();
  }

  async #attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await command();
      this.#lastFailed = false;
      return answer;
    } catch {
      this.#lastFailed = true;
      this.metrics.cacheOperations.inc({ result: 'error' });
      return undefined;
    }
  }
}

const keyOf = (id: string): string => `data:${id}`;
