import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { loadClusters } from '../../environments/clusters';
import { loadEnvironment } from '../../environments';
import { kubectl } from '../../lib/command';
import { namespace, nodePorts } from '../../lib/in-cluster';
import { waitFor } from '../../lib/wait';
import { Checkout, tandem } from '../emulator/command';
import { Client, contexts, leftIn, load, metricOf, missing } from './clusters';

jest.setTimeout(900_000);

const lack = missing();
const title = 'a cache that is replicated between two clusters';
const [active = '', standby = ''] = contexts;
const listed = z.record(z.string(), z.string().nullable());

/** What a checkout is built of. */
const sources = [
  ...['apps', 'cli', 'environments', 'failover', 'lib', 'modules', 'scripts', 'stacks', 'twin'],
  ...['main.ts', 'package.json', 'package-lock.json', 'tsconfig.json'],
];

/** As somebody who switches the option on: edits the environment's file, and builds. */
function replicatedCheckout(): Checkout {
  const checkout = new Checkout();
  for (const source of sources) cpSync(source, join(checkout.folder, source), { recursive: true });
  const file = join(checkout.folder, 'environments/local.ts');
  const text = readFileSync(file, 'utf8');
  const edited = text.replace(/^ {2}target: .*$/m, '$&\n  cache: { replicated: true },');
  expect(edited).not.toBe(text);
  writeFileSync(file, edited);
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: checkout.folder });
  return checkout;
}

/** Whether a TCP connection from this machine, which is no node of a peer, comes about. */
const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const answer = (value: boolean) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });

/** One story: both regions, a failover there and a switchover back, and no step of either knows of the cache. */
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tandem-replica-'));
  const mapping =
    process.env['TANDEM_IMAGES'] === undefined ? [] : ['--images', process.env['TANDEM_IMAGES']];
  let checkout: Checkout;
  let east: Client;
  let west: Client;
  let address: string;
  const run = (...args: readonly string[]) => tandem(args, process.env, { cwd, checkout: checkout.folder });
  const succeeds = async (...args: readonly string[]): Promise<string> => {
    const { code, output } = await run(...args);
    expect({ args, code, output: code === 0 ? '' : output }).toEqual({ args, code: 0, output: '' });
    return output;
  };
  const soon = (what: string, seconds: number, holds: () => Promise<boolean>, everyMs = 200) =>
    waitFor(
      { what, budget: { name: 'test', seconds }, next: 'read the log of cache-follows', everyMs },
      async () => (await holds()) || undefined,
    );
  /** `master` or `slave`, as Valkey calls them. */
  const roleOf = async (context: string): Promise<string> => {
    const args = ['exec', 'valkey-0', '-c', 'valkey', '--', 'valkey-cli', 'role'];
    return (await kubectl(context, ['-n', namespace, ...args])).split('\n')[0] ?? '';
  };
  /** Stores a value through one region and reads it there; then the other one has it without a read of its own. */
  const sharedBy = async (from: Client, to: Client, id: string): Promise<void> => {
    expect(await from.write(id, id)).toBe(201);
    expect(await from.read(id)).toMatchObject({ status: 200, cache: 'miss' });
    await soon(`${id} to be replicated`, 10, async () => (await to.read(id)).cache === 'hit');
    expect(await to.read(id)).toMatchObject({ status: 200, value: id, cache: 'hit' });
  };

  beforeAll(async () => {
    for (const context of contexts)
      expect({ context, left: await leftIn(context) }).toEqual({ context, left: [] });
    checkout = replicatedCheckout();
    const images = listed.parse(JSON.parse(await succeeds('images', 'local', ...mapping, '--json')));
    await load(images['tandem-workload:dev'] ?? '');
    await succeeds('up', 'local', '--contexts', contexts.join(), ...mapping, '--yes');
    const before = process.cwd();
    process.chdir(cwd);
    const [one, other] = Object.values(loadClusters(loadEnvironment('local')).regions);
    process.chdir(before);
    if (!one || !other) throw new TypeError('local has two regions');
    [east, west] = [new Client(one.endpoints.workload), new Client(other.endpoints.workload)];
    [address] = one.addresses;
  });
  afterAll(async () => {
    await run('down', 'local', '--yes');
    for (const context of contexts)
      expect({ context, left: await leftIn(context) }).toEqual({ context, left: [] });
    checkout.remove();
    rmSync(cwd, { recursive: true, force: true });
  });

  it('is as declared, the standby’s a replica of the active one’s', async () => {
    await soon('the standby to follow', 60, async () => (await roleOf(standby)) === 'slave');
    expect(await roleOf(active)).toBe('master');
    await succeeds('plan', 'local');
    expect(await succeeds('up', 'local', '--yes')).toContain('Nothing to do');
  });

  it('has in the standby what the active region read, and nothing that the standby read', async () => {
    await sharedBy(east, west, 'shared');
    await east.write('unread', 1);
    await soon('PostgreSQL to bring it', 10, async () => (await west.read('unread')).status === 200);
    expect(await west.read('unread')).toMatchObject({ value: 1, cache: 'miss' });
    expect(await west.read('unread')).toMatchObject({ value: 1, cache: 'miss' });
    await soon(
      'Prometheus to count what was refused',
      60,
      async () => (await metricOf(west.url, 'sum(cache_operations_total{result="read-only"})')) > 0,
      2000,
    );
  });

  it('forgets in the standby what the active region deletes, long before its time is over', async () => {
    await sharedBy(east, west, 'forgotten');
    expect(await east.remove('forgotten')).toBe(204);
    // Its time is a minute.
    await soon('the standby to forget', 5, async () => (await west.read('forgotten')).cache === 'miss');
    await soon('nothing to be there', 10, async () => (await west.read('forgotten')).status === 404);
  });

  it('lets nobody else connect to what the peer connects to', async () => {
    expect(await connects(address, nodePorts.workload)).toBe(true);
    expect(await connects(address, nodePorts.cacheReplication)).toBe(false);
  });

  it('follows a drill over and back, in which nobody tells it anything', async () => {
    const roles: string[] = [];
    const over = new AbortController();
    const watched = (async () => {
      while (!over.signal.aborted) {
        const role = await roleOf(standby).catch(() => '');
        if (role !== '' && role !== roles.at(-1)) roles.push(role);
      }
    })();
    const drill = run('drill', 'local', '--scenario', 'kill');
    await soon('the standby to take writes', 200, async () => (await west.write('over', 1)) === 201);
    // What it reads it keeps by now, and forgets.
    await soon('its cache to take writes', 10, async () => (await west.read('over')).cache === 'hit');
    expect(await west.remove('over')).toBe(204);
    expect(await west.read('over')).toMatchObject({ status: 404, cache: 'miss' });
    const { code, output } = await drill;
    over.abort();
    await watched;
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    expect(roles).toEqual(['slave', 'master', 'slave']);
    expect(await roleOf(active)).toBe('master');
    await sharedBy(east, west, 'back');
    await succeeds('plan', 'local');
  });
});
