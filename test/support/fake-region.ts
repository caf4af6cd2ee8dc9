import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const writeBody = z.object({ id: z.string(), value: z.object({ writer: z.number() }) });

/** A write as the region took it; `atMs` is on the process's own clock. */
export interface Row {
  readonly id: string;
  readonly writer: number;
  readonly region: string;
  readonly atMs: number;
}

/** The reference workload's API over a map instead of a database, on an address of its own that can go and come back. */
export class FakeRegion {
  rows = new Map<string, Row>();
  /** Whether its database believes to be the primary; after a failover both may. */
  primary = false;
  latch: 'closed' | 'open' = 'open';
  /** When it was killed, on the process's clock. */
  downSinceMs: number | undefined;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(
    readonly name: string,
    readonly address: string,
    private readonly port: number,
    /** Takes a write or refuses it. */
    private readonly take: (row: Row) => boolean,
    private readonly statuses: { readonly refused: number; readonly listed: number },
  ) {}

  async up(): Promise<void> {
    this.#server.listen(this.port, this.address);
    await once(this.#server, 'listening');
    this.downSinceMs = undefined;
  }

  async down(): Promise<void> {
    this.downSinceMs = performance.now();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://region.invalid');
    const [status, body] =
      request.method === 'POST'
        ? this.#write(writeBody.parse(JSON.parse(await text(request))))
        : this.#read(pathname, searchParams);
    response.writeHead(status, { 'content-type': 'application/json', 'x-tandem-region': this.name });
    response.end(JSON.stringify(body));
  }

  #write({ id, value: { writer } }: z.infer<typeof writeBody>): readonly [number, object] {
    const row = { id, writer, region: this.name, atMs: performance.now() };
    if (this.downSinceMs === undefined && this.take(row)) return [201, { id }];
    return [this.statuses.refused, { reason: 'the fake refuses' }];
  }

  #read(path: string, query: URLSearchParams): readonly [number, object] {
    if (path !== '/data') {
      const id = path.replace('/data/', '');
      return path === '/ready' || this.rows.has(id) ? [200, { id }] : [404, {}];
    }
    const limit = Number(query.get('limit'));
    const after = [...this.rows.keys()]
      .filter((id) => id.startsWith(query.get('prefix') ?? '') && id > (query.get('after') ?? ''))
      .sort();
    const items = after.slice(0, limit).map((id) => ({ id }));
    return [this.statuses.listed, { items, next: after.length > limit ? items.at(-1)?.id : null }];
  }
}
