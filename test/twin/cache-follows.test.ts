import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { z } from 'zod';
import { type Certificate, makeCertificate } from '../../cli/kubernetes/certificate';
import { waitFor } from '../../lib/wait';
import { pickAddresses } from '../../twin/addresses';
import { cacheServerOnPath } from '../../twin/cache';
import { lack as lackOfPostgres, PreparedRegion, shared } from '../support/prepared-region';

jest.setTimeout(180_000);

const server = cacheServerOnPath();
const lack =
  lackOfPostgres ?? (server === undefined ? 'no valkey-server or redis-server on PATH' : undefined);
const title = 'the cache that follows the database, on real PostgreSQL and a real cache';
const scripts = 'modules/cache/kubernetes';

/** A region's Valkey as its pod configures it, and what runs beside its PostgreSQL. */
class CacheRegion {
  readonly #programs: ChildProcess[] = [];
  readonly turn: string;
  readonly client: Redis;
  said = '';

  constructor(
    private readonly database: PreparedRegion,
    private readonly port: number,
    private readonly tlsPort: number,
    certificate: Certificate,
  ) {
    const { folder, address } = database;
    for (const each of ['cache', 'tls']) mkdirSync(join(folder, each));
    for (const file of ['ca.crt', 'tls.crt', 'tls.key'] as const)
      writeFileSync(join(folder, 'tls', file), certificate[file]);
    const configuration = ['valkey.conf', 'replication.conf']
      .map((file) => readFileSync(join(scripts, file), 'utf8'))
      .join('')
      .replace('bind * -::*', `bind ${address}`)
      .replace('dir /data', `dir ${join(folder, 'cache')}`)
      .replace('tls-port 6380', `port ${port}\ntls-port ${tlsPort}`)
      .replaceAll('/etc/tandem-tls', join(folder, 'tls'));
    writeFileSync(join(folder, 'valkey.conf'), configuration);
    this.turn = join(folder, 'turn');
    this.client = new Redis({ host: address, port, lazyConnect: true, retryStrategy: () => 100 });
    this.client.on('error', () => undefined);
  }

  async start(): Promise<void> {
    this.#run(server ?? '', [join(this.database.folder, 'valkey.conf')]);
    await this.client.connect().catch(() => undefined);
    await soon('the cache to answer', async () => (await this.client.ping()).length > 0);
  }

  /** @param peers comma-separated, as in the pod */
  follow(peers: string): ChildProcess {
    const program = this.#run('bash', ['modules/postgres/kubernetes/follow.sh'], {
      SOCKETS: join(this.database.folder, 'run'),
      PGPORT: String(this.database.port),
      VALKEY_HOST: this.database.address,
      VALKEY_PORT: String(this.port),
      PEER_HOSTS: peers,
      PEER_PORT: String(this.tlsPort),
      TURN: this.turn,
    });
    program.stdout?.on('data', (chunk) => (this.said += String(chunk)));
    return program;
  }

  async role(): Promise<string> {
    const [role] = z
      .tuple([z.string()])
      .rest(z.unknown())
      .parse(await this.client.call('ROLE'));
    return role;
  }

  /** A client of what the peer's Valkey connects to. */
  byTls(tls: RedisOptions['tls']): Promise<string> {
    const { address } = this.database;
    const client = new Redis({
      host: address,
      port: this.tlsPort,
      lazyConnect: true,
      retryStrategy: () => null,
      ...(tls && { tls: { ...tls, checkServerIdentity: () => undefined } }),
    });
    client.on('error', () => undefined);
    return client.ping().finally(() => client.disconnect());
  }

  async end(): Promise<void> {
    this.client.disconnect();
    for (const program of this.#programs) {
      if (program.exitCode !== null || program.signalCode !== null) continue;
      const ended = once(program, 'exit');
      program.kill('SIGKILL');
      await ended;
    }
  }

  #run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const program = spawn(command, args, {
      env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#programs.push(program);
    return program;
  }
}

const soon = (what: string, condition: () => Promise<boolean>, seconds = 20): Promise<true> =>
  waitFor({ what, budget: { name: 'test', seconds }, next: 'read the test', everyMs: 100 }, async () =>
    (await condition()) ? true : undefined,
  );

/** One story, in the order of the tests: what a pair of regions goes through. */
(lack ? describe.skip : describe)(`${title}${lack ? ` (${lack})` : ''}`, () => {
  const base = mkdtempSync(join(tmpdir(), 'tandem-cache-'));
  let [eastDatabase, westDatabase]: PreparedRegion[] = [];
  let east: CacheRegion;
  let west: CacheRegion;
  let follower: ChildProcess;
  let certificate: Certificate;
  const isRole = (region: CacheRegion, role: 'master' | 'slave') => async () =>
    (await region.role()) === role;
  const holds = (region: CacheRegion, key: string, value: string | null) =>
    soon(`${key} to be ${value}`, async () => (await region.client.get(key)) === value);
  /** A few turns of what follows, in which nothing may change. */
  const turns = () => sleep(4000);

  beforeAll(async () => {
    const { regions, postgresPort, cachePort, workloadPort: tlsPort } = await pickAddresses();
    const [one, other] = [regions[0].data, regions[1].data];
    shared(base);
    eastDatabase = new PreparedRegion(base, 'east', one, other, postgresPort);
    westDatabase = new PreparedRegion(base, 'west', other, one, postgresPort);
    expect(eastDatabase.prepare('active', 1).status).toBe(0);
    await eastDatabase.start();
    expect(westDatabase.prepare('standby', 1).status).toBe(0);
    await westDatabase.start();
    certificate = await makeCertificate(['valkey']);
    east = new CacheRegion(eastDatabase, cachePort, tlsPort, certificate);
    west = new CacheRegion(westDatabase, cachePort, tlsPort, certificate);
    await Promise.all([east.start(), west.start()]);
    await west.client.set('own', 'of the standby');
    await east.client.set('warm', 'of the active');
    east.follow(other);
    // Of the peer's nodes one has its Valkey; here nobody listens at the first.
    follower = west.follow(`127.0.0.99,${one}`);
  });
  afterAll(async () => {
    await Promise.all([east, west].map((each) => each.end()));
    await Promise.all([eastDatabase?.kill(), westDatabase?.kill()]);
    rmSync(base, { recursive: true, force: true });
  });

  it('makes the standby’s a replica by whichever address answers, with what the active one’s has and nothing else', async () => {
    await holds(west, 'warm', 'of the active');
    expect(await west.client.get('own')).toBeNull();
    expect(west.said).toMatch(/REPLICAOF 127\.0\.0\.99 .*\nValkey: REPLICAOF (?!127\.0\.0\.99)/);
    expect(await east.role()).toBe('master');
    await east.client.set('new', '1');
    await holds(west, 'new', '1');
    await east.client.del('new');
    await holds(west, 'new', null);
    await expect(west.client.set('written', '1')).rejects.toThrow('READONLY');
  });

  it('says a role once, not at every turn', async () => {
    const [before, at] = [west.said, statSync(west.turn).mtimeMs];
    await turns();
    expect(west.said).toBe(before);
    expect(statSync(west.turn).mtimeMs).toBeGreaterThan(at);
    expect(east.said).toBe('');
  });

  it('lets in between the regions only who shows the pair’s certificate', async () => {
    const tls = (shown: Certificate) => ({
      ca: shown['ca.crt'],
      cert: shown['tls.crt'],
      key: shown['tls.key'],
    });
    expect(await east.byTls(tls(certificate))).toBe('PONG');
    await expect(east.byTls({ ca: certificate['ca.crt'] })).rejects.toThrow();
    const { 'tls.crt': cert, 'tls.key': key } = await makeCertificate(['valkey']);
    await expect(east.byTls({ ca: certificate['ca.crt'], cert, key })).rejects.toThrow();
    await expect(east.byTls(undefined)).rejects.toThrow();
  });

  it('changes nothing while a PostgreSQL is silent, whichever it is', async () => {
    await Promise.all([eastDatabase?.kill(), westDatabase?.kill()]);
    await turns();
    expect([await east.role(), await west.role()]).toEqual(['master', 'slave']);
    expect(Date.now() - statSync(west.turn).mtimeMs).toBeLessThan(5000);
    await Promise.all([eastDatabase?.start(), westDatabase?.start()]);
    await turns();
    expect([await east.role(), await west.role()]).toEqual(['master', 'slave']);
    await east.client.set('still', '1');
    await holds(west, 'still', '1');
  });

  it('takes writes within three seconds of a promotion, warm; the old active one’s keeps to itself', async () => {
    westDatabase?.sql('select pg_promote()');
    const since = performance.now();
    await soon('a cache that takes writes', isRole(west, 'master'));
    expect(performance.now() - since).toBeLessThan(3000);
    expect(await west.client.get('warm')).toBe('of the active');
    await west.client.set('after', '1');
    await turns();
    expect(await east.role()).toBe('master');
    expect(await east.client.get('after')).toBeNull();
    await east.client.set('stale', '1');
  });

  it('follows the other way once the old region is rebuilt, and forgets what it had alone', async () => {
    await eastDatabase?.kill();
    expect(eastDatabase?.prepare('standby', 2).said).toBe('rebuilt by pg_rewind');
    await eastDatabase?.start();
    await holds(east, 'after', '1');
    expect(await east.client.get('stale')).toBeNull();
    expect(await west.role()).toBe('master');
  });

  it('ends when it is told to, and so does what it asks with', async () => {
    const ended = once(follower, 'exit');
    follower.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const asks = () => westDatabase?.sql("select count(*) from pg_stat_activity where usename = 'monitor'");
    await soon('nobody to ask', () => Promise.resolve(asks() === '0'));
  });
});
