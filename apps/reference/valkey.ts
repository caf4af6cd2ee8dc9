import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { tokenSeconds } from './cache-token';

export interface ValkeyOptions {
  readonly url: string;
  /** Whether keys are spread over shards, of which the URL names any or all. */
  readonly sharded: boolean;
  /** Makes the password of the URL's user for the next connections; the URL's own when left out. */
  readonly token?: (() => Promise<string>) | undefined;
  /** Hears of each connection that fails. */
  readonly failed: (error: unknown) => void;
}

const reconnectMaxMs = 2000;

const patience = {
  connectTimeout: 1000,
  // A connection that went silent is dropped, so that requests stop waiting for it one by one.
  socketTimeout: 1000,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
} satisfies RedisOptions;

const retryAfterMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), reconnectMaxMs);

/** A connection to Valkey that never makes a request wait for its return, and whose passwords may expire. How long a command may
 * take is its caller's to say: a limit here would count connecting, too, which a busy network then never ends. */
export class Valkey {
  readonly client: Redis | Cluster;
  readonly #renewal: NodeJS.Timeout | undefined;
  readonly #shared: RedisOptions;

  constructor(private readonly options: ValkeyOptions) {
    const { hostname, port, protocol, username, password } = new URL(options.url);
    const seed = { host: hostname, port: Number(port || 6379) };
    this.#shared = {
      ...patience,
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      // The private zone's name is not the one that the server's certificate carries: its authority counts.
      ...(protocol === 'rediss:' && { tls: { checkServerIdentity: () => undefined } }),
    };
    this.client = options.sharded
      ? new Cluster([seed], {
          lazyConnect: true,
          enableOfflineQueue: false,
          clusterRetryStrategy: retryAfterMs,
          maxRedirections: 2,
          retryDelayOnFailover: 20,
          retryDelayOnClusterDown: 20,
          slotsRefreshTimeout: 1000,
          // As each node calls itself, which is what its certificate carries.
          dnsLookup: (address, found) => found(null, address),
          redisOptions: this.#shared,
        })
      : new Redis({ ...this.#shared, ...seed, lazyConnect: true, retryStrategy: retryAfterMs });
    this.client.on('error', options.failed);
    if (options.token)
      this.#renewal = setInterval(() => void this.#renew(), (tokenSeconds / 3) * 1000).unref();
    void this.#renew().then(() => this.client.connect().catch(options.failed));
  }

  close(): void {
    clearInterval(this.#renewal);
    this.client.disconnect();
  }

  /** New connections, and those that come back, show the newest token; one that stands is not asked again. */
  async #renew(): Promise<void> {
    const { token, failed } = this.options;
    if (!token) return;
    try {
      const password = await token();
      const { client } = this;
      const nodes = client instanceof Cluster ? client.nodes() : [client];
      for (const options of [this.#shared, ...nodes.map((node) => node.options)]) options.password = password;
    } catch (thrown) {
      failed(thrown);
    }
  }
}
