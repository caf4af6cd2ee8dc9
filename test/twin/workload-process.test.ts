import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { waitFor } from '../../lib/wait';
import type { Postgres } from '../../twin/postgres';
import { Bench, eventually, Program, type Workload } from '../support/workload';

describe('the process of the workload', () => {
  let bench: Bench;
  let postgres: Postgres;

  beforeAll(async () => {
    bench = await Bench.create();
    postgres = await bench.primary();
  });

  afterEach(() => bench.stopWorkloads());
  afterAll(() => bench.close());

  const open = async (): Promise<Workload> => {
    const workload = await bench.workload(postgres);
    await workload.untilReady({ writable: true });
    return workload;
  };

  /** A request whose body is still missing `rest`: it is under way for as long as the test wants. */
  const halfPosted = async (workload: Workload, body: string, rest: number): Promise<Socket> => {
    const socket = connect(workload.port, workload.host);
    await once(socket, 'connect');
    const head = `POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head + body.slice(0, body.length - rest));
    await new Promise((resolve) => setTimeout(resolve, 200));
    return socket;
  };

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s takes no new connection, finishes what is under way, and exits 0',
    async (signal) => {
      const workload = await open();
      const body = JSON.stringify({ id: signal, value: 'under way' });
      const socket = await halfPosted(workload, body, 5);
      workload.program.signal(signal);
      await eventually('new connections to be refused', () =>
        workload.get('/health').then(
          () => false,
          () => true,
        ),
      );
      expect(workload.program.running).toBe(true);
      const answered = once(socket, 'data');
      socket.write(body.slice(-5));
      expect(String(await answered)).toMatch(/^HTTP\/1.1 201 /);
      expect(await workload.program.ended()).toBe(0);
    },
  );

  it('lingers after SIGTERM as long as it was told, and asks clients for another connection', async () => {
    const workload = await bench.workload(postgres, { LINGER_MS: '1500' });
    expect((await workload.get('/health')).headers.get('connection')).toBe('keep-alive');
    const started = performance.now();
    workload.program.signal('SIGTERM');
    // The connection of before, and one that is new since the first answer asked for it.
    for (const stays of ['the connection', 'a new one']) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { status, headers } = await workload.get('/health');
      expect({ stays, status, connection: headers.get('connection') }).toEqual({
        stays,
        status: 200,
        connection: 'close',
      });
    }
    expect(await workload.program.ended()).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(1400);
  });

  it('answers nobody before it knows what its region may do', async () => {
    const peer = createServer((_request, response) => {
      setTimeout(() => response.writeHead(503).end('{"role":"standby","epoch":1}'), 700);
    });
    const [host] = bench.addresses.regions[1].workloads;
    await new Promise<void>((resolve) => peer.listen(bench.addresses.workloadPort, host, resolve));
    try {
      const workload = bench.start(postgres);
      const first = await waitFor(
        {
          what: 'the first answer',
          budget: { name: 'test', seconds: 15 },
          next: 'read its output',
          everyMs: 5,
        },
        () => workload.ready(),
      );
      expect(first).toMatchObject({ status: 200, body: { role: 'active', writable: true } });
    } finally {
      peer.closeAllConnections();
      await new Promise((resolve) => peer.close(resolve));
    }
  });

  it('gives up after 5 s on a request that never ends', async () => {
    const workload = await open();
    const socket = await halfPosted(workload, '{"value":1}', 5);
    socket.on('error', () => undefined);
    const started = performance.now();
    workload.program.signal('SIGTERM');
    expect(await workload.program.ended()).toBe(0);
    const seconds = (performance.now() - started) / 1000;
    expect(seconds).toBeGreaterThan(4.5);
    expect(seconds).toBeLessThan(8);
  });

  it.each(['workload', 'migrate'] as const)('%s exits 78 with all its mistakes on stderr', async (name) => {
    const program = new Program(name, { DATABASE_URL: 'mysql://nowhere', PORT: '0' });
    expect(await program.ended()).toBe(78);
    expect(program.output).toContain('DATABASE_URL: found a value not shown');
    expect(program.output.includes('PEER_URL: found nothing')).toBe(name === 'workload');
  });

  it('exits 1 with the reason when its port is taken', async () => {
    const workload = await open();
    const second = bench.start(postgres);
    expect(await second.program.ended()).toBe(1);
    expect(second.program.output).toContain('EADDRINUSE');
    expect((await workload.get('/health')).status).toBe(200);
  });

  it('logs each change of the gate once, with its inputs', async () => {
    const workload = await open();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const changes = workload.program.output.split('\n').filter((line) => line.includes('"gate changed"'));
    expect(new Set(changes.map((line) => line.replace(/"time":\d+/, ''))).size).toBe(changes.length);
    expect(JSON.parse(changes.at(-1) ?? '')).toMatchObject({
      level: 30,
      region: 'us-east-1',
      role: 'active',
      epoch: 1,
      inputs: {
        database: { state: 'primary', epoch: 1 },
        witness: 'us-east-1.app.tandem.example',
        peerEpoch: 0,
      },
    });
  });
});
