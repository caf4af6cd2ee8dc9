import { Resolver } from 'node:dns/promises';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Endpoint } from './target';

export interface Answer {
  readonly status: number;
  /** The region that answered, by its own word (header x-tandem-region). */
  readonly region: string | undefined;
  readonly body: string;
}

/** Milliseconds that a client waits for an answer before it counts the request as failed. */
const timeoutMs = 1000;

/** One client's way to an endpoint: resolves the name as a stub resolver with a cache does, for as long as the TTL says. */
export class Route {
  readonly #resolver = new Resolver({ timeout: 500, tries: 2 });
  #addresses: readonly string[] = [];
  #expiresAt = 0;
  #turn = 0;

  constructor(private readonly endpoint: Endpoint) {
    if (!('dns' in endpoint.via)) this.#addresses = endpoint.via.addresses;
    else if (endpoint.via.dns !== undefined) this.#resolver.setServers([endpoint.via.dns]);
  }

  /** One request on a connection of its own; rejects when there is no answer within a second. */
  async send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
    const address = await this.#address();
    const { host, port, tls } = this.endpoint;
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = (tls ? requestSecure : requestPlain)(
        {
          host: address,
          port,
          method,
          path,
          agent: tls ?? false,
          servername: host,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            host,
            ...(payload && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(payload),
            }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const region = response.headers['x-tandem-region'];
            resolve({
              status: response.statusCode ?? 0,
              region: typeof region === 'string' ? region : undefined,
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  /** The next of the answered addresses, so that one dead process behind a name fails only every other request. */
  async #address(): Promise<string> {
    if ('dns' in this.endpoint.via && performance.now() >= this.#expiresAt) {
      const records = await this.#resolver.resolve4(this.endpoint.host, { ttl: true });
      this.#addresses = records.map(({ address }) => address);
      this.#expiresAt = performance.now() + Math.min(...records.map(({ ttl }) => ttl)) * 1000;
    }
    this.#turn += 1;
    return this.#addresses[this.#turn % this.#addresses.length] ?? this.endpoint.host;
  }
}
