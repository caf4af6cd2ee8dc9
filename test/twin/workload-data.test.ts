import { z } from 'zod';
import { Bench, eventually, Program, sql, type Workload } from '../support/workload';
import type { Postgres } from '../../twin/postgres';

const page = z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().nullable() });

describe('the workload on a primary', () => {
  let bench: Bench;
  let postgres: Postgres;
  let workload: Workload;

  beforeAll(async () => {
    bench = await Bench.create();
    postgres = await bench.primary();
    workload = await bench.workload(postgres);
    await workload.untilReady({ role: 'active', writable: true, epoch: 1, cache: 'off' });
  });

  afterAll(() => bench.close());

  it.each([{ deep: [1, 'two', { three: null }] }, [], 'text', 0, false, null])(
    'stores, reads and deletes %j, and names its region each time',
    async (value) => {
      const created = await workload.post({ id: 'crud', value });
      expect(created).toMatchObject({ status: 201, body: { id: 'crud', value } });
      const read = await workload.get('/data/crud');
      expect(read).toMatchObject({ status: 200, body: created.body });
      expect(read.headers.get('x-cache')).toBe('off');
      const deleted = await workload.delete('/data/crud');
      expect(deleted.status).toBe(204);
      const gone = await workload.get('/data/crud');
      expect(gone).toMatchObject({ status: 404, body: { code: 'NotFound', id: 'crud' } });
      for (const { headers } of [created, read, deleted, gone]) {
        expect(headers.get('x-tandem-region')).toBe('us-east-1');
      }
      expect((await workload.delete('/data/crud')).status).toBe(204);
    },
  );

  it('takes the same write again as a retry, and refuses another value', async () => {
    const first = await workload.post({ id: 'retry', value: { a: 1, b: 2 } });
    const again = await workload.post({ id: 'retry', value: { b: 2, a: 1 } });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(await workload.post({ id: 'retry', value: 3 })).toMatchObject({
      status: 409,
      body: { code: 'ValueConflict', id: 'retry' },
    });
  });

  it('stores once what twenty clients send at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => workload.post({ id: 'race', value: 1 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
  });

  it('makes an id where none is given, and takes one of 200 characters', async () => {
    const made = await workload.post({ value: 1 });
    expect(z.object({ id: z.uuid() }).safeParse(made.body).success).toBe(true);
    const long = 'A'.repeat(199) + ':';
    expect((await workload.post({ id: long, value: 1 })).status).toBe(201);
    expect((await workload.get(`/data/${encodeURIComponent(long)}`)).status).toBe(200);
  });

  it('lists by prefix in pages that neither skip nor repeat', async () => {
    const ids = ['list-B', 'list-a', 'list.a', 'list:a', 'list_a', 'listz'].sort();
    for (const id of [...ids, 'lis', 'lit']) await workload.post({ id, value: id });
    const seen: string[] = [];
    for (let after: string | null = '', pages = 0; after !== null && pages < 5; pages++) {
      const { body } = await workload.get(`/data?prefix=list&limit=2&after=${encodeURIComponent(after)}`);
      const { items, next } = page.parse(body);
      expect(items).toHaveLength(2);
      seen.push(...items.map(({ id }) => id));
      after = next;
    }
    expect(seen).toEqual(ids);
  });

  it('lists all mistakes of a request', async () => {
    expect(await workload.post({ id: 'no spaces' })).toMatchObject({
      status: 400,
      body: {
        code: 'RequestInvalid',
        in: 'body',
        mistakes: [
          { path: '/id', message: '1 to 200 of the characters A-Z a-z 0-9 . _ : -' },
          { path: '/value', message: 'any JSON value, null included' },
        ],
      },
    });
    expect(await workload.get('/data?limit=1001&after=%2F&prefix=%20')).toMatchObject({
      status: 400,
      body: { in: 'querystring', mistakes: [{ path: '/prefix' }, { path: '/after' }, { path: '/limit' }] },
    });
  });

  it.each([
    ['text that is no JSON', '{"value":', 400, 'BodyUnusable'],
    ['more than 64 KiB', JSON.stringify({ value: 'x'.repeat(65_536) }), 413, 'BodyUnusable'],
    ['a NUL, which JSONB can not hold', '{"value":"\\u0000"}', 400, 'ValueUnstorable'],
    ['half a surrogate pair', '{"value":"\\ud800"}', 400, 'ValueUnstorable'],
    [
      'arrays nested 30000 deep',
      `{"value":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      400,
      'ValueUnstorable',
    ],
  ])('answers %s with a problem', async (_name, body, status, code) => {
    const answer = await workload.request('POST', '/data', body);
    expect(answer).toMatchObject({
      status,
      body: { code, status, type: `tag:tandem.example,2026:problem:${code}` },
    });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('x-tandem-region')).toBe('us-east-1');
  });

  it('describes all its routes as OpenAPI, and shows them', async () => {
    const { body } = await workload.get('/docs/json');
    expect(body).toMatchObject({
      paths: {
        '/health': { get: {} },
        '/ready': { get: {} },
        '/metrics': { get: {} },
        '/data': { get: {}, post: { responses: { 503: { content: { 'application/problem+json': {} } } } } },
        '/data/{id}': { get: {}, delete: {} },
      },
    });
    expect((await workload.get('/docs')).body).toContain('swagger-ui');
  });

  it('counts what it does for Prometheus', async () => {
    const { body } = await workload.get('/metrics');
    expect(body).toContain(
      'http_request_duration_seconds_count{route="/data/:id",method="GET",status="200"}',
    );
    expect(body).toContain('tandem_region_role{role="active"} 1');
    expect(body).toContain('tandem_region_role{role="fenced"} 0');
    expect(body).toContain('tandem_epoch 1');
    expect(body).toMatch(/database_pool_connections\{state="idle"\} [1-9]/);
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('refuses like the gate when PostgreSQL is read-only before the gate has noticed', async () => {
    await postgres.query('ALTER SYSTEM SET default_transaction_read_only = on');
    await postgres.query('SELECT pg_reload_conf()');
    await eventually('PostgreSQL to refuse', async () => (await workload.post({ value: 1 })).status === 503);
    const answer = await workload.post({ value: 1 });
    expect(answer.body).toMatchObject({
      code: 'WritesRefused',
      reason: 'database-read-only',
      role: 'active',
    });
    expect(answer.headers.get('retry-after')).toBe('1');
    await postgres.query('ALTER SYSTEM RESET default_transaction_read_only');
    await postgres.query('SELECT pg_reload_conf()');
    await eventually('writes again', async () => (await workload.post({ value: 1 })).status === 201);
  });
});

describe('migrations', () => {
  let bench: Bench;
  let postgres: Postgres;
  const migrate = (): Program => new Program('migrate', { DATABASE_URL: postgres.url });

  beforeAll(async () => {
    bench = await Bench.create();
    postgres = bench.postgres('us-east-1');
    await postgres.initialize();
  });

  afterAll(() => bench.close());

  it('run five at once, apply each file once', async () => {
    const runs = Array.from({ length: 5 }, migrate);
    expect(await Promise.all(runs.map((run) => run.ended()))).toEqual([0, 0, 0, 0, 0]);
    expect(runs.filter(({ output }) => output.includes('Applied migration 1 (data)'))).toHaveLength(1);
  });

  it('leave a standby to replication', async () => {
    const standby = await bench.standbyOf(postgres);
    const run = new Program('migrate', { DATABASE_URL: standby.url });
    expect(await run.ended()).toBe(0);
    expect(run.output).toContain('standby');
  });

  it('refuse a file that changed after it was applied', async () => {
    await sql(postgres, `UPDATE schema_migrations SET checksum = 'another'`);
    const run = migrate();
    expect(await run.ended()).toBe(1);
    expect(run.output).toMatch(/Migration 1 \(data\) was applied with checksum another/);
  });

  it('say why they failed when the database does not answer', async () => {
    await postgres.kill();
    const run = migrate();
    expect(await run.ended()).toBe(1);
    expect(run.output).toContain('ECONNREFUSED');
  });
});
