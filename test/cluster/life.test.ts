import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { command, kubectl } from '../../lib/command';
import { namespace } from '../../lib/in-cluster';
import { waitFor } from '../../lib/wait';
import { Nodes } from '../../failover/targets/kubernetes-nodes';
import { tandem } from '../emulator/command';
import { guardRails } from './guard-rails';
import { Client, contexts, leftIn, Load, load, memoryOf, metricOf, missing } from './clusters';

jest.setTimeout(900_000);

const lacking = missing();
const lane = lacking === undefined ? describe : describe.skip;
const images = process.env['TANDEM_IMAGES'];

/** The workload's image under another name: what Terraform sees as an update. */
const another = 'tandem-workload:another-name';

/** The standby's nodes, where they are containers of this machine: only then can one be killed. */
const nodesHere = lacking === undefined ? containersOf(contexts[1] ?? '') : [];
const itOnNodes =
  nodesHere.length > 0
    ? it
    : (title: string, test: () => Promise<void>) =>
        it.skip(`${title} (its nodes are no containers here)`, test);

function containersOf(context: string): readonly string[] {
  const names = 'jsonpath={.items[*].metadata.name}';
  const args = ['--context', context, 'get', 'nodes', '-o', names];
  const nodes = spawnSync('kubectl', args, { encoding: 'utf8' }).stdout.split(' ');
  return spawnSync('docker', ['container', 'inspect', ...nodes]).status === 0 ? nodes : [];
}

const imageNow = (): Promise<string> => {
  const path = 'jsonpath={.spec.template.spec.containers[?(@.name=="workload")].image}';
  return kubectl(contexts[0] ?? '', ['get', 'deployment/workload', '-n', namespace, '-o', path]);
};

const statusSchema = z.tuple([
  z.object({
    onClusters: z.object({
      regions: z.array(
        z.object({
          region: z.string(),
          endpoint: z.url(),
          pods: z.array(z.object({ name: z.string(), ready: z.boolean() })),
          database: z.object({
            standby: z.boolean(),
            copies: z.array(z.object({ state: z.string(), lagBytes: z.number() })).nullable(),
          }),
        }),
      ),
    }),
  }),
]);

/** The tests follow each other: one environment's life, from nothing to nothing. */
lane(`an environment on two clusters${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tandem-life-'));
  const mapping = images === undefined ? [] : ['--images', images];
  const run = (...args: readonly string[]) => tandem(args, process.env, { cwd });
  const succeeds = async (...args: readonly string[]): Promise<string> => {
    const { code, output } = await run(...args);
    expect({ args, code, output: code === 0 ? '' : output }).toEqual({ args, code: 0, output: '' });
    return output;
  };
  const status = async () => statusSchema.parse(JSON.parse(await succeeds('status', 'local', '--json')))[0];
  const clients = async (): Promise<readonly [Client, Client]> => {
    const [east, west] = (await status()).onClusters.regions.map(({ endpoint }) => new Client(endpoint));
    if (!east || !west) throw new TypeError('local has two regions');
    return [east, west];
  };

  beforeAll(async () => {
    for (const context of contexts)
      expect({ context, left: await leftIn(context) }).toEqual({ context, left: [] });
    const listed = z
      .record(z.string(), z.string().nullable())
      .parse(JSON.parse(await succeeds('images', 'local', ...mapping, '--json')));
    await load(listed['tandem-workload:dev'] ?? '');
  });
  afterAll(async () => {
    await run('down', 'local', '--yes');
    await command('docker', ['image', 'rm', another]).catch(() => undefined);
    rmSync(cwd, { recursive: true, force: true });
  });

  it('comes up from nothing in less than four minutes, with its images there', async () => {
    const since = performance.now();
    const output = await succeeds('up', 'local', '--contexts', contexts.join(), ...mapping, '--yes');
    const seconds = (performance.now() - since) / 1000;
    console.log(`up from nothing: ${seconds.toFixed(0)} s`);
    expect(output).toContain('Next: tandem status local');
    expect(seconds).toBeLessThan(240);
  });

  it('is what is declared: the second plan is empty, and a second up has nothing to do', async () => {
    await succeeds('plan', 'local');
    expect(await succeeds('up', 'local', '--yes')).toContain('Nothing to do');
  });

  it('is a primary with a standby that streams from it, and every pod is ready', async () => {
    const [east, west] = (await status()).onClusters.regions;
    expect([east?.database.standby, west?.database.standby]).toEqual([false, true]);
    expect(east?.database.copies).toEqual([expect.objectContaining({ state: 'streaming' })]);
    expect([east, west].flatMap((each) => each?.pods.filter(({ ready }) => !ready))).toEqual([]);
    for (const context of contexts)
      expect({ context, wrong: guardRails(context) }).toEqual({ context, wrong: [] });
  });

  it('idles within 3 GiB, nodes and both regions together', async () => {
    const [first = 0, second = 0] = await Promise.all(contexts.map(memoryOf));
    console.log(`idle: ${first.toFixed(0)} MiB and ${second.toFixed(0)} MiB`);
    expect(Math.min(first, second)).toBeGreaterThan(100);
    expect(first + second).toBeLessThan(3 * 1024);
  });

  it('keeps no secret in Terraform’s state', async () => {
    const encoded = await kubectl(contexts[0] ?? '', [
      ...['get', 'secret', 'postgres-passwords', '-n', namespace],
      ...['-o', 'jsonpath={.data.tandem}'],
    ]);
    const password = Buffer.from(encoded, 'base64').toString();
    expect(password).toMatch(/^[0-9a-f]{48}$/);
    const files = readdirSync(join(cwd, '.tandem/state'), { recursive: true, encoding: 'utf8' });
    const states = files.filter((file) => file.endsWith('.tfstate'));
    expect(states.length).toBeGreaterThan(4);
    for (const state of states) {
      const text = readFileSync(join(cwd, '.tandem/state', state), 'utf8');
      expect({ state, holds: text.includes(password) || text.includes(encoded) }).toEqual({
        state,
        holds: false,
      });
    }
  });

  it('takes writes in the active region, and both regions read them', async () => {
    const [east, west] = await clients();
    expect(await east.write('crud', { n: 1 })).toBe(201);
    expect(await east.write('crud', { n: 1 })).toBe(200);
    expect(await west.write('elsewhere', 1)).toBe(503);
    expect(await east.read('crud')).toMatchObject({ status: 200, value: { n: 1 } });
    await sleep(2000);
    expect(await west.read('crud')).toMatchObject({ status: 200, value: { n: 1 } });
    expect(await east.remove('crud')).toBe(204);
    expect((await east.read('crud')).status).toBe(404);
  });

  it('reads from the cache the second time, never what was removed, and counts both', async () => {
    const [east] = await clients();
    await east.write('cached', 'v');
    expect((await east.read('cached')).cache).toBe('miss');
    expect((await east.read('cached')).cache).toBe('hit');
    await east.remove('cached');
    expect(await east.read('cached')).toMatchObject({ status: 404, cache: 'miss' });
    for (const result of ['hit', 'miss', 'invalidated'])
      await waitFor(
        {
          what: `Prometheus to count a ${result}`,
          // Two scrapes, fifteen seconds apart.
          budget: { name: 'counted', seconds: 60 },
          next: `ask ${east.url}/metrics`,
          everyMs: 2000,
        },
        async () => {
          const counted = await metricOf(east.url, `sum(cache_operations_total{result="${result}"})`);
          return counted > 0 || undefined;
        },
      );
  });

  it('updates under load without an error, rolls back likewise, and the plan is empty after', async () => {
    const [east, west] = await clients();
    const [before, next] = [await imageNow(), another];
    await command('docker', ['tag', before, next]);
    await load(next);
    const file = join(cwd, 'next.json');
    const mapped = z.record(z.string(), z.string().nullable());
    const given = images === undefined ? {} : mapped.parse(JSON.parse(readFileSync(images, 'utf8')));
    writeFileSync(file, JSON.stringify({ ...given, 'tandem-workload:dev': next }));

    await east.write('load-0', 0);
    await sleep(2000);
    const work = new Load(east, west);
    await succeeds('up', 'local', '--images', file, '--yes');
    expect(await imageNow()).toBe(next);
    await succeeds('rollback', 'local', '--yes');
    expect(await imageNow()).toBe(before);
    const { done, errors } = await work.end();
    expect(errors).toEqual([]);
    expect(done).toBeGreaterThan(200);
    await succeeds('plan', 'local');
  });

  itOnNodes('outlives a node of the standby, and is what is declared when that is back', async () => {
    const [east] = await clients();
    const nodes = await Nodes.find(nodesHere);
    if (!nodes) throw new TypeError('they were here a moment ago');
    await nodes.kill();
    try {
      for (let at = 0; at < 100; at++) expect([at, await east.write(`alone-${at}`, at)]).toEqual([at, 201]);
    } finally {
      await nodes.restore();
    }
    await waitFor(
      {
        what: 'the standby to have what was written meanwhile',
        budget: { name: 'standbyBack', seconds: 240 },
        next: `kubectl --context ${contexts[1] ?? ''} -n ${namespace} get pods`,
        everyMs: 2000,
      },
      async () => {
        const [, west] = await clients();
        return (await west.read('alone-99')).status === 200 || undefined;
      },
    );
    await succeeds('plan', 'local');
  });

  it('leaves nothing when it is taken down', async () => {
    await succeeds('down', 'local', '--yes');
    for (const context of contexts)
      expect({ context, left: await leftIn(context) }).toEqual({ context, left: [] });
    const remains = readdirSync(join(cwd, '.tandem'), { recursive: true, encoding: 'utf8' });
    expect(remains.filter((path) => path.includes('local'))).toEqual([]);
  });
});
