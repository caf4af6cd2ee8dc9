import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { loadClusters } from '../../environments/clusters';
import { loadEnvironment } from '../../environments';
import { Cluster } from '../../failover/targets/kubernetes-cluster';
import { Nodes } from '../../failover/targets/kubernetes-nodes';
import { kubectl } from '../../lib/command';
import { namespace } from '../../lib/in-cluster';
import { waitFor } from '../../lib/wait';
import { Checkout, tandem } from '../emulator/command';
import { Client, contexts, load, missing } from './clusters';

jest.setTimeout(900_000);

const lack = missing();
const title = 'the autopilot on two clusters';
const [active = '', standby = ''] = contexts;
const { regions } = loadEnvironment('local');

const decision = z.looseObject({
  event: z.literal('decision'),
  verdict: z.string(),
  reason: z.string(),
  missed: z.record(z.string(), z.string()),
});
const listed = z.record(z.string(), z.string().nullable());

/** One story: near misses first, then the active cluster's nodes are stopped, and nobody types anything. */
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tandem-autopilot-'));
  const mapping =
    process.env['TANDEM_IMAGES'] === undefined ? [] : ['--images', process.env['TANDEM_IMAGES']];
  // Of its own, because to reconcile is to rewrite roles.json.
  const checkout = new Checkout();
  const by =
    (folder?: string) =>
    async (...args: readonly string[]): Promise<string> => {
      const { code, output } = await tandem(args, process.env, { cwd, ...(folder && { checkout: folder }) });
      expect({ args, code, output: code === 0 ? '' : output }).toEqual({ args, code: 0, output: '' });
      return output;
    };
  const [succeeds, succeedsThere] = [by(), by(checkout.folder)];
  const [east, west] = [new Cluster(regions[0], active), new Cluster(regions[1], standby)];
  const nodesOf = async (cluster: Cluster): Promise<Nodes> => {
    const nodes = await Nodes.find(await cluster.nodes());
    if (!nodes) throw new TypeError(`the nodes of ${cluster.region} are no containers here`);
    return nodes;
  };
  let clients: readonly [Client, Client];
  let addresses: readonly string[];

  const decisions = async () =>
    (await kubectl(standby, ['logs', '-n', namespace, 'deployment/autopilot']))
      .split('\n')
      .filter((line) => line.includes('"event":"decision"'))
      .map((line) => decision.parse(JSON.parse(line)));
  const soon = <T>(what: string, seconds: number, probe: () => Promise<T | undefined>): Promise<T> =>
    waitFor(
      { what, budget: { name: 'test', seconds }, next: 'read the log of the autopilot', everyMs: 500 },
      probe,
    );

  beforeAll(async () => {
    // What the workload's image is built on, which every command that maps images reads.
    const dockerfile = 'apps/reference/Dockerfile';
    cpSync(dockerfile, join(checkout.folder, dockerfile), { recursive: true });
    const images = listed.parse(JSON.parse(await succeeds('images', 'local', ...mapping, '--json')));
    await load(images['tandem-workload:dev'] ?? '');
    await succeeds('up', 'local', '--contexts', contexts.join(), ...mapping, '--yes');
    const before = process.cwd();
    process.chdir(cwd);
    const clusters = Object.values(loadClusters(loadEnvironment('local')).regions);
    process.chdir(before);
    const [one, other] = clusters.map(({ endpoints }) => new Client(endpoints.workload));
    if (!one || !other) throw new TypeError('local has two regions');
    clients = [one, other];
    addresses = clusters[0]?.addresses ?? [];
  });
  afterAll(async () => {
    await (await nodesOf(west)).restore();
    await tandem(['down', 'local', '--yes'], process.env, { cwd });
    checkout.remove();
    rmSync(cwd, { recursive: true, force: true });
  });

  it('looks at everything, and has no right in the Kubernetes API', async () => {
    const first = await soon('a look that misses nothing', 60, async () =>
      (await decisions()).find(({ missed }) => Object.keys(missed).length === 0),
    );
    expect(first).toMatchObject({ verdict: 'stay', reason: 'no sign of a loss' });
    const asked = ['--as', `system:serviceaccount:${namespace}:autopilot`, '-n', namespace];
    for (const right of [
      ['create', 'pods/exec'],
      ['patch', 'configmaps'],
      ['get', 'secrets'],
      ['list', 'pods'],
    ]) {
      const said = await kubectl(standby, ['auth', 'can-i', ...right, ...asked]).catch(String);
      expect({ right, said: /\bno\b/.test(said) }).toEqual({ right, said: true });
    }
    await succeeds('plan', 'local');
  });

  it('stays while all pods of the active region’s workload are replaced', async () => {
    // All at once, which is worse than a rolling update; a restart by kubectl would be a change for Terraform.
    await kubectl(active, ['delete', 'pods', '-n', namespace, '-l', 'app.kubernetes.io/name=workload']);
    await kubectl(active, ['rollout', 'status', '-n', namespace, '--timeout=180s', 'deployment/workload']);
    expect((await decisions()).filter(({ verdict }) => verdict !== 'stay')).toEqual([]);
    expect(await west.isStandby()).toBe(true);
    expect(await clients[0].write('rolled', 1)).toBe(201);
  });

  it('asks people, and stays, while only the standby’s own link to the active region is cut', async () => {
    const nodes = await nodesOf(west);
    await nodes.cut(addresses);
    try {
      // Longer than all gates would have to hold, and than views may differ before people are asked.
      const asked = await soon('people to be asked', 150, async () =>
        (await decisions()).find(({ verdict }) => verdict === 'ask'),
      );
      expect(asked.reason).toMatch(/^signs of a loss for 90 s, but not: verdict/);
      expect(await west.isStandby()).toBe(true);
      expect(await clients[0].write('cut', 1)).toBe(201);
    } finally {
      await nodes.mend();
    }
    await soon('peace', 60, async () => ((await decisions()).at(-1)?.verdict === 'stay' ? true : undefined));
    await soon('the standby to follow again', 60, async () =>
      (await east.isStreamedFrom()) ? true : undefined,
    );
    // The lag of a whole minute has to be known before a loss.
    await sleep(70_000);
  });

  it('makes the standby take writes when the active cluster’s nodes are stopped, and nobody types anything', async () => {
    await clients[0].write('kept', 1);
    const lost = await nodesOf(east);
    const since = performance.now();
    await lost.kill();
    try {
      await soon('the standby to take writes', 300, async () =>
        (await clients[1].write('after', 1).catch(() => 0)) === 201 ? true : undefined,
      );
      const seconds = (performance.now() - since) / 1000;
      console.log(`nodes stopped to the standby’s first write: ${seconds.toFixed(1)} s`);
      // The checks alone take 20 seconds, and the window another 30.
      expect(seconds).toBeGreaterThan(40);
      expect(await clients[1].read('kept')).toMatchObject({ status: 200, value: 1 });
    } finally {
      await lost.restore();
    }
  });

  it('keeps the lost region from writing when it is back, and once reconciled has nothing to apply', async () => {
    const refused = async (id: string) => {
      expect(await clients[0].write(id, id).catch(() => 0)).not.toBe(201);
      // By the workload's own word: for seconds a node that boots sends its clients to other pods.
      return /witness-elsewhere|epoch-behind/.test(clients[0].problem) || undefined;
    };
    await soon('the lost region to say why it refuses', 180, () => refused('stale'));
    for (let attempt = 0; attempt < 20; attempt++) {
      expect(await refused(`stale-${attempt}`)).toBe(true);
      await sleep(500);
    }
    expect(await west.isStandby()).toBe(false);
    const undeclared = `${regions[1]} is declared standby, and its PostgreSQL is a primary`;
    expect(await succeedsThere('status', 'local')).toContain(undeclared);
    const said = await succeedsThere('reconcile', 'local', '--yes');
    expect(said).toContain(`${regions[0]}: active → fenced, latch closed`);
    expect(said).toContain(`${regions[1]}: standby → active, latch open`);
    expect(said).toContain(`Every stack of ${regions[1]} is as declared.`);
    expect(await succeedsThere('status', 'local')).toContain('roles as declared');
    await succeedsThere('plan', 'local');
  });

  it('has the lost region as its standby again once rebuilt, with nothing to apply', async () => {
    const refused = await tandem(['rebuild', 'local', '--region', regions[1], '--yes'], process.env, {
      cwd,
      checkout: checkout.folder,
    });
    expect(refused.output).toContain('(OperationRefused)');
    const rebuild = ['rebuild', 'local', '--region', regions[0]];
    expect(await succeedsThere(...rebuild, '--dry-run')).toContain(`then generation 2`);
    expect(await east.isStandby()).toBe(false);
    expect(await succeedsThere(...rebuild, '--yes')).toContain(
      `Done: ${regions[0]} is a standby of ${regions[1]}, generation 2`,
    );
    expect(await east.isStandby()).toBe(true);
    expect(await west.isStreamedFrom()).toBe(true);
    expect(await clients[1].write('rebuilt', 1)).toBe(201);
    expect(await succeedsThere('status', 'local')).toContain('roles as declared');
    await succeedsThere('plan', 'local');
  });
});
