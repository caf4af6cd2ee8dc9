import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Postgres } from '../../twin/postgres';
import { Bench, eventually, nameOf, publicName, type Workload } from '../support/workload';

const refusal = (reason: string, role: string, region = 'us-east-1') => ({
  status: 503,
  body: {
    type: 'tag:tandem.example,2026:problem:WritesRefused',
    status: 503,
    code: 'WritesRefused',
    reason,
    role,
    region,
  },
});

describe('the write gate of a primary', () => {
  let bench: Bench;
  let postgres: Postgres;
  let peer: Server;
  let peerSays = { role: 'standby', epoch: 1 };

  /** A peer that says what the test wants; the workload finds it by name, through the test's DNS. */
  const startPeer = async (): Promise<void> => {
    peer = createServer((_request, response) => response.writeHead(503).end(JSON.stringify(peerSays)));
    const [host] = bench.addresses.regions[1].workloads;
    await new Promise<void>((resolve) => peer.listen(bench.addresses.workloadPort, host, resolve));
  };
  const stopPeer = async (): Promise<void> => {
    peer.closeAllConnections();
    await new Promise((resolve) => peer.close(resolve));
  };

  beforeAll(async () => {
    bench = await Bench.create();
    postgres = await bench.primary();
  });

  beforeEach(async () => {
    peerSays = { role: 'standby', epoch: 1 };
    bench.dns.silent = false;
    bench.dns.cnames.set(publicName, nameOf('us-east-1'));
    await startPeer();
  });

  afterEach(async () => {
    await bench.stopWorkloads();
    if (peer.listening) await stopPeer();
  });

  afterAll(() => bench.close());

  const open = async (): Promise<Workload> => {
    const workload = await bench.workload(postgres);
    await workload.untilReady({ role: 'active', writable: true });
    return workload;
  };

  it('refuses what queued up while the process was frozen, until it has looked again', async () => {
    const workload = await open();
    workload.program.signal('SIGSTOP');
    // Longer than a look may take: two intervals and two seconds.
    await sleep(3000);
    const queued = workload.post({ value: 'queued while frozen' });
    workload.program.signal('SIGCONT');
    expect(await queued).toMatchObject(refusal('looks-overdue', 'active'));
    await workload.untilReady({ role: 'active', writable: true });
  });

  it('opens with the witness, and never before it has answered once', async () => {
    bench.dns.silent = true;
    const workload = await bench.workload(postgres);
    await workload.untilReady({ role: 'active', writable: false, reason: 'witness-unknown' });
    const refused = await workload.post({ value: 1 });
    expect(refused).toMatchObject(refusal('witness-unknown', 'active'));
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    bench.dns.silent = false;
    await workload.untilReady({ writable: true });
    expect((await workload.post({ value: 1 })).status).toBe(201);
    expect((await workload.get('/metrics')).body).toContain(
      'writes_refused_total{reason="witness-unknown"} 1',
    );
  });

  it('closes while the witness names the peer, and the region stays in traffic', async () => {
    const workload = await open();
    bench.dns.cnames.set(publicName, nameOf('us-west-2'));
    await workload.untilReady({ role: 'active', writable: false, reason: 'witness-elsewhere' });
    expect((await workload.ready()).status).toBe(200);
    expect(await workload.post({ value: 1 })).toMatchObject(refusal('witness-elsewhere', 'active'));
    expect(await workload.delete('/data/x')).toMatchObject(refusal('witness-elsewhere', 'active'));
    expect((await workload.get('/data?limit=1')).status).toBe(200);
    bench.dns.cnames.set(publicName, nameOf('us-east-1'));
    await workload.untilReady({ writable: true });
  });

  it.each(['us-east-1', 'us-west-2'])('keeps the last answer (%s) when DNS falls silent', async (region) => {
    const workload = await open();
    const writable = region === 'us-east-1';
    bench.dns.cnames.set(publicName, nameOf(region));
    await workload.untilReady({ writable });
    bench.dns.silent = true;
    // Longer than a look may take: at least one has gone unanswered.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await workload.ready()).body).toMatchObject({ writable });
  });

  it('is fenced by a peer that is a primary of a later epoch, and stays so when the peer is gone', async () => {
    peerSays = { role: 'standby', epoch: 9 };
    const workload = await open();
    peerSays = { role: 'active', epoch: 1 };
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await workload.ready()).body).toMatchObject({ role: 'active', writable: true });
    peerSays = { role: 'active', epoch: 2 };
    await workload.untilReady({ role: 'fenced', writable: false, reason: 'epoch-behind', epoch: 1 });
    await stopPeer();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await workload.ready()).toMatchObject({ status: 503, body: { role: 'fenced' } });
    expect(await workload.post({ value: 1 })).toMatchObject(refusal('epoch-behind', 'fenced'));
    expect((await workload.get('/health')).status).toBe(200);
  });

  it('takes writes without any peer', async () => {
    await stopPeer();
    const workload = await open();
    expect((await workload.post({ value: 1 })).status).toBe(201);
  });

  it('is asked again by a write that waited for a connection', async () => {
    const workload = await bench.workload(postgres, { DATABASE_POOL_MAX: '1' });
    await workload.untilReady({ writable: true });
    // It has its one connection, which a busy machine may take longer to make than a request waits.
    await eventually('a first write', async () => (await workload.post({ value: 1 })).status === 201);
    const blocker = new Client(postgres.url);
    await blocker.connect();
    try {
      await blocker.query(`BEGIN; INSERT INTO data (id, value) VALUES ('locked', '1')`);
      const holder = workload.post({ id: 'locked', value: 1 });
      // A pool counts a connection as busy before it has one.
      await eventually('the write to wait for the lock', async () => {
        const { rowCount } = await blocker.query('SELECT FROM pg_locks WHERE NOT granted');
        return rowCount === 1;
      });
      const waiter = workload.post({ id: 'waited', value: 1 });
      bench.dns.cnames.set(publicName, nameOf('us-west-2'));
      await workload.untilReady({ reason: 'witness-elsewhere' });
      await blocker.query('ROLLBACK');
      expect((await holder).status).toBe(201);
      expect(await waiter).toMatchObject(refusal('witness-elsewhere', 'active'));
    } finally {
      await blocker.end();
    }
  });

  it('outlives a killed database and finds it again by itself', async () => {
    const workload = await open();
    expect((await workload.post({ id: 'kept', value: 1 })).status).toBe(201);
    await postgres.kill();
    await workload.untilReady({
      role: 'unknown',
      writable: false,
      reason: 'database-unreachable',
      epoch: null,
    });
    expect((await workload.ready()).status).toBe(503);
    expect((await workload.get('/health')).status).toBe(200);
    const read = await workload.get('/data/kept');
    expect(read).toMatchObject({ status: 503, body: { code: 'DatabaseUnreachable' } });
    expect(read.headers.get('retry-after')).toBe('1');
    expect(await workload.post({ value: 1 })).toMatchObject(refusal('database-unreachable', 'unknown'));
    await postgres.start();
    await workload.untilReady({ role: 'active', writable: true });
    expect((await workload.get('/data/kept')).status).toBe(200);
    expect((await workload.post({ value: 1 })).status).toBe(201);
    expect(workload.program.running).toBe(true);
  });

  it('notices a frozen database, which refuses nothing and answers nothing', async () => {
    const workload = await open();
    const [postmaster] = readFileSync(join(postgres.options.data, 'postmaster.pid'), 'utf8').split('\n');
    const backends = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
      .trim()
      .split(' ');
    const everyone = [postmaster, ...backends].map(Number);
    try {
      for (const pid of everyone) process.kill(pid, 'SIGSTOP');
      await workload.untilReady({ role: 'unknown', writable: false, reason: 'database-unreachable' });
    } finally {
      for (const pid of everyone) process.kill(pid, 'SIGCONT');
    }
    await workload.untilReady({ role: 'active', writable: true });
  });
});

describe('two regions, each the other’s peer', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await Bench.create();
  });

  afterAll(() => bench.close());

  it('move writing by a promotion alone, and the old primary fences itself', async () => {
    const primary = await bench.primary();
    const standby = await bench.standbyOf(primary);
    const east = await bench.workload(primary, { ROLE_INTERVAL_MS: '500' });
    const west = await bench.workload(standby, { ROLE_INTERVAL_MS: '500' });
    await east.untilReady({ role: 'active', writable: true, epoch: 1 });
    await west.untilReady({ role: 'standby', writable: false, reason: 'standby', epoch: 1 });
    expect((await west.ready()).status).toBe(200);
    expect((await east.post({ id: 'before', value: 1 })).status).toBe(201);
    await eventually('replication', async () => (await west.get('/data/before')).status === 200);
    expect(await west.post({ value: 1 })).toMatchObject(refusal('standby', 'standby', 'us-west-2'));

    bench.dns.cnames.set(publicName, nameOf('us-west-2'));
    await east.untilReady({ reason: 'witness-elsewhere' });
    await standby.promote();
    const promoted = performance.now();
    await eventually('a write', async () => (await west.post({ value: 2 })).status === 201);
    const noticedMs = performance.now() - promoted;

    expect(noticedMs).toBeLessThan(2 * 500);
    expect((await west.ready()).body).toMatchObject({ role: 'active', writable: true, epoch: 2 });
    await east.untilReady({ role: 'fenced', reason: 'epoch-behind', epoch: 1 });
    // What fences is the epoch: even a witness that comes back doesn't open it.
    bench.dns.cnames.set(publicName, nameOf('us-east-1'));
    await west.untilReady({ role: 'active', reason: 'witness-elsewhere' });
    expect(await east.post({ value: 1 })).toMatchObject(refusal('epoch-behind', 'fenced'));
  });
});
