import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { probeEndpoint } from '../../twin/dns/probe';
import type { EndpointCheck } from '../../twin/dns/synthesized';

const address = '127.0.0.1';
const check: EndpointCheck = {
  type: 'HTTPS',
  fqdn: 'us-east-1.app.tandem.example',
  port: 443,
  resource_path: '/health',
  request_interval: 10,
  failure_threshold: 3,
  regions: ['us-east-1', 'us-west-2', 'eu-west-1'],
  invert_healthcheck: false,
  disabled: false,
};

/** Asks an endpoint that answers like `listener`, at the port that stands for 443. */
async function probeOf(listener: RequestListener, changes: Partial<EndpointCheck> = {}) {
  const server = createServer(listener).listen(0, address);
  await once(server, 'listening');
  const started = performance.now();
  try {
    const passed = await probeEndpoint(
      { ...check, ...changes },
      address,
      portOf(server),
      new AbortController().signal,
    );
    return { passed, tookMs: performance.now() - started };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function portOf(server: { address(): unknown }): number {
  const bound = server.address();
  if (typeof bound === 'object' && bound && 'port' in bound && typeof bound.port === 'number')
    return bound.port;
  throw new TypeError('the server is not bound');
}

describe('an HTTP check', () => {
  it.each([
    [200, true],
    [204, true],
    [301, true],
    [399, true],
    [400, false],
    [503, false],
  ])('takes status %d for %s', async (status, passed) => {
    const probed = await probeOf((_, response) =>
      response.writeHead(status, { location: '/elsewhere' }).end('body'),
    );
    expect(probed.passed).toBe(passed);
  });

  it('asks for the path, with the name and any unusual port as Host', async () => {
    const asked: unknown[] = [];
    const listener: RequestListener = ({ url, headers }, response) => {
      asked.push([url, headers.host]);
      response.end();
    };
    await probeOf(listener);
    await probeOf(listener, { type: 'HTTP' });
    expect(asked).toEqual([
      ['/health', 'us-east-1.app.tandem.example'],
      ['/health', 'us-east-1.app.tandem.example:443'],
    ]);
  });

  it('fails when no status comes within 2 s of connecting', async () => {
    const timers: NodeJS.Timeout[] = [];
    const probed = await probeOf((_, response) => timers.push(setTimeout(() => response.end(), 3_000)));
    timers.forEach(clearTimeout);
    expect(probed.passed).toBe(false);
    expect(probed.tookMs).toBeGreaterThanOrEqual(1_990);
    expect(probed.tookMs).toBeLessThan(2_900);
  });

  it('fails on a connection that is refused, or cut before a status', async () => {
    const gone = createTcpServer().listen(0, address);
    await once(gone, 'listening');
    const port = portOf(gone);
    gone.close();
    await once(gone, 'close');
    expect(await probeEndpoint(check, address, port, new AbortController().signal)).toBe(false);
    expect((await probeOf((request) => request.socket.destroy())).passed).toBe(false);
  });

  it('fails at once without an address', async () => {
    expect(await probeEndpoint(check, undefined, 1, new AbortController().signal)).toBe(false);
  });
});

describe('a check that searches for a string', () => {
  const search = { type: 'HTTPS_STR_MATCH', search_string: 'healthy' } as const;

  it.each([
    ['within the first 5,120 bytes', 5_113, true],
    ['with its last byte beyond them', 5_114, false],
  ])('finds it %s: %#', async (_, before, passed) => {
    const body = `${'x'.repeat(before)}healthy${'x'.repeat(9_000)}`;
    expect((await probeOf((__, response) => response.end(body), search)).passed).toBe(passed);
  });

  it('finds it across chunks, in a body shorter than that, but not in an error', async () => {
    const inChunks: RequestListener = (_, response) => {
      response.write('heal');
      setTimeout(() => response.end('thy'), 50);
    };
    expect((await probeOf(inChunks, search)).passed).toBe(true);
    expect((await probeOf((_, response) => response.end('ill'), search)).passed).toBe(false);
    expect((await probeOf((_, response) => response.writeHead(500).end('healthy'), search)).passed).toBe(
      false,
    );
  });

  it('fails when the body does not end within 2 s of the status', async () => {
    const probed = await probeOf((_, response) => response.write('healthy'), search);
    expect(probed.passed).toBe(false);
    expect(probed.tookMs).toBeGreaterThanOrEqual(1_990);
  });
});

describe('a TCP check', () => {
  it('passes on a connection alone', async () => {
    const server = createTcpServer((socket) => socket.resume()).listen(0, address);
    await once(server, 'listening');
    const tcp = { ...check, type: 'TCP' } as const;
    const port = portOf(server);
    expect(await probeEndpoint(tcp, address, port, new AbortController().signal)).toBe(true);
    server.close();
    await once(server, 'close');
    expect(await probeEndpoint(tcp, address, port, new AbortController().signal)).toBe(false);
  });
});
