import { Redis } from 'ioredis';
import type { Postgres } from '../../twin/postgres';
import { Cache, cacheServerOnPath } from '../../twin/cache';
import { Link } from '../../twin/link';
import { Bench, eventually, sql, type Workload } from '../support/workload';

const server = cacheServerOnPath();
const itCached = server === undefined ? it.skip : it;
const why = server === undefined ? ' (skipped: no valkey-server or redis-server on PATH)' : '';

describe('the cache of the workload', () => {
  let bench: Bench;
  let postgres: Postgres;
  let cache: Cache;
  let link: Link | undefined;

  beforeAll(async () => {
    bench = await Bench.create();
    postgres = await bench.primary();
    cache = new Cache({
      folder: bench.folder,
      server: server ?? '',
      name: 'cache',
      address: bench.addresses.regions[0].data,
      port: bench.addresses.cachePort,
    });
  });

  afterEach(async () => {
    await bench.stopWorkloads();
    await link?.close();
    await cache.kill();
  });
  afterAll(() => bench.close());

  const open = async (state: string, url = cache.url): Promise<Workload> => {
    const workload = await bench.workload(postgres, { VALKEY_URL: url, CACHE_TTL_SECONDS: '2' });
    await workload.untilReady({ writable: true, cache: state });
    return workload;
  };
  const readCache = async (workload: Workload, id: string): Promise<string | null> =>
    (await workload.get(`/data/${id}`)).headers.get('x-cache');

  it('costs no request when it is unreachable from the start', async () => {
    const workload = await open('degraded');
    expect((await workload.post({ id: 'alone', value: 1 })).status).toBe(201);
    expect(await workload.get('/data/alone')).toMatchObject({ status: 200, body: { value: 1 } });
    expect(await readCache(workload, 'alone')).toBe('degraded');
    expect((await workload.delete('/data/alone')).status).toBe(204);
    expect((await workload.ready()).status).toBe(200);
    expect((await workload.get('/metrics')).body).toMatch(/cache_operations_total\{result="error"\} [1-9]/);
  });

  itCached(`answers a second read without the database, until the TTL is over${why}`, async () => {
    await cache.start();
    const workload = await open('ok');
    await workload.post({ id: 'twice', value: 1 });
    expect(await readCache(workload, 'twice')).toBe('miss');
    await sql(postgres, `UPDATE data SET value = '2' WHERE id = 'twice'`);
    expect(await workload.get('/data/twice')).toMatchObject({ status: 200, body: { id: 'twice', value: 1 } });
    expect(await readCache(workload, 'twice')).toBe('hit');
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(await workload.get('/data/twice')).toMatchObject({ body: { value: 2 } });
  });

  itCached(`forgets what is deleted or stored before it answers${why}`, async () => {
    await cache.start();
    const workload = await open('ok');
    await workload.post({ id: 'gone', value: 1 });
    await readCache(workload, 'gone');
    expect(await readCache(workload, 'gone')).toBe('hit');
    await workload.delete('/data/gone');
    expect((await workload.get('/data/gone')).status).toBe(404);
    expect((await workload.get('/metrics')).body).toContain('cache_operations_total{result="invalidated"} 1');
    await workload.post({ id: 'gone', value: 2 });
    expect(await workload.get('/data/gone')).toMatchObject({ body: { value: 2 } });
  });

  itCached(`reads from a replica, which whoever it copies fills and nobody here${why}`, async () => {
    await cache.start();
    const valkey = new Redis(cache.url);
    const workload = await open('ok');
    await workload.post({ id: 'copied', value: 1 });
    await readCache(workload, 'copied');
    await valkey.replicaof(bench.addresses.regions[1].data, bench.addresses.cachePort);
    expect(await readCache(workload, 'copied')).toBe('hit');
    await workload.post({ id: 'missed', value: 1 });
    expect(await readCache(workload, 'missed')).toBe('miss');
    expect(await workload.get('/data/missed')).toMatchObject({ status: 200, body: { value: 1 } });
    expect(await readCache(workload, 'missed')).toBe('miss');
    expect((await workload.ready()).body).toMatchObject({ cache: 'ok' });
    const metrics = (await workload.get('/metrics')).body;
    // A post would forget, and three reads of what is missing would keep.
    expect(metrics).toContain('cache_operations_total{result="read-only"} 4');
    expect(metrics).not.toContain('result="error"');
    await valkey.replicaof('NO', 'ONE');
    await readCache(workload, 'missed');
    expect(await readCache(workload, 'missed')).toBe('hit');
    valkey.disconnect();
  });

  itCached(`degrades when it is killed, and is used again when it is back${why}`, async () => {
    await cache.start();
    const workload = await open('ok');
    await workload.post({ id: 'killed', value: 1 });
    await readCache(workload, 'killed');
    await cache.kill();
    expect(await workload.get('/data/killed')).toMatchObject({ status: 200, body: { value: 1 } });
    expect(await readCache(workload, 'killed')).toBe('degraded');
    await cache.start();
    await workload.untilReady({ cache: 'ok' });
    expect(await readCache(workload, 'killed')).toBe('miss');
  });

  itCached(
    `waits 100 ms for one that is silent, then not at all, and uses it when it speaks again${why}`,
    async () => {
      await cache.start();
      const { regions, cachePort } = bench.addresses;
      link = await Link.open({ host: regions[0].data, port: cachePort }, '127.0.0.1');
      const workload = await open('ok', `redis://127.0.0.1:${link.port}`);
      await workload.post({ id: 'silent', value: 1 });
      link.cut();
      const started = performance.now();
      expect(await readCache(workload, 'silent')).toBe('degraded');
      expect(performance.now() - started).toBeGreaterThan(90);
      expect(performance.now() - started).toBeLessThan(500);
      expect((await workload.ready()).body).toMatchObject({ cache: 'degraded', writable: true });
      await eventually('reads that wait no more', async () => {
        const asked = performance.now();
        return (await readCache(workload, 'silent')) === 'degraded' && performance.now() - asked < 50;
      });
      link.mend();
      await workload.untilReady({ cache: 'ok' });
      expect(await readCache(workload, 'silent')).toBe('miss');
    },
  );
});
