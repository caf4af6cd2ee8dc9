import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** A region's real HTTP servers: one an address, all on the port that stands for 443. */
export class RegionalServers {
  requests = 0;
  #servers: Server[] = [];

  constructor(
    readonly addresses: readonly string[],
    readonly port: number,
  ) {}

  async start(): Promise<void> {
    for (const address of this.addresses) {
      const server = createServer((_, response) => {
        this.requests += 1;
        response.end('ok');
      }).listen(this.port, address);
      await once(server, 'listening');
      this.#servers.push(server);
    }
  }

  async kill(): Promise<void> {
    for (const server of this.#servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }
}

/** A port that was free a moment ago on every address. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  return typeof bound === 'object' && bound ? bound.port : 0;
}
