import { once } from 'node:events';
import { Agent, createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

const key = Buffer.from('a key that both ends know beforehand');
/** TLS by a shared key, so that a test needs no certificate. */
const shared = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;

/** Whoever has it reaches a SecureServer. */
export const secureAgent = (): Agent =>
  new Agent({
    ...shared,
    pskCallback: () => ({ psk: key, identity: 'test' }),
    checkServerIdentity: () => undefined,
  });

/** An HTTPS server on an address of its own, whose answer a test changes as it goes. */
export class SecureServer {
  /** `hang` takes connections and answers none, as an address behind a cut link seems to. */
  answer: number | 'hang' = 200;
  readonly #server: Server = createServer({ ...shared, pskCallback: () => key }, (_, response) => {
    if (this.answer === 'hang') return;
    response.writeHead(this.answer).end();
  });

  /** @param port 0 for a free one */
  async start(address: string, port: number): Promise<number> {
    this.#server.listen(port, address);
    await once(this.#server, 'listening');
    const bound: AddressInfo | string | null = this.#server.address();
    return typeof bound === 'object' && bound ? bound.port : 0;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
