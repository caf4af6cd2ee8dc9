import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The backbone between the regions, as far as replication sees it: a TCP relay that can be cut. A cut link is silent,
 * like a partition: nothing is refused, nothing arrives, and what was under way when it is mended is gone.
 */
export class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;

  private constructor(
    private readonly upstream: { readonly host: string; readonly port: number },
    readonly address: string,
  ) {
    this.#server = createServer({ pauseOnConnect: true }, (downstream) => this.#relay(downstream));
  }

  static async open(upstream: { host: string; port: number }, address: string): Promise<Link> {
    const link = new Link(upstream, address);
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject);
      link.#server.listen(0, address, resolve);
    });
    return link;
  }

  get port(): number {
    const bound = this.#server.address();
    return typeof bound === 'object' && bound ? bound.port : 0;
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#cut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(downstream: Socket): void {
    this.#track(downstream);
    if (this.#cut) return;
    const upstream = this.#track(connect(this.upstream));
    for (const [from, to] of [
      [downstream, upstream],
      [upstream, downstream],
    ] as const) {
      from.on('data', (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => {
        if (!this.#cut) from.resume();
      });
      from.on('close', () => {
        if (!this.#cut) to.destroy();
      });
    }
    downstream.resume();
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
