import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { clusterNamed, deleteClusters, ensureCluster, networkOf, nodeImage } from '../../cli/kubernetes/k3d';
import { parseEnvironment } from '../../environments';
import { clusterName } from '../../environments/clusters';
import { command, kubectl } from '../../lib/command';
import { waitFor } from '../../lib/wait';

jest.setTimeout(600_000);

const found = spawnSync('k3d', ['version'], { encoding: 'utf8' });
const lane = found.error ? describe.skip : describe;
const needs = found.error ? ' (no k3d on PATH: install k3d v5, https://k3d.io)' : '';

/** Clusters of its own, beside those of `local`; a first region's ports of this machine have to be free. */
const environment = parseEnvironment(
  {
    name: 'probe',
    target: 'kubernetes',
    regions: ['us-east-1', 'us-west-2'],
    dns: { zone: 'probe.tandem.example' },
  },
  'this test',
);
const [region] = environment.regions;
const name = clusterName(environment, region);
const context = `k3d-${name}`;
const { signal } = new AbortController();
const images = process.env['TANDEM_IMAGES'];
const mapping = z.record(z.string(), z.string().nullable());
const image =
  (images === undefined ? undefined : mapping.parse(JSON.parse(readFileSync(images, 'utf8')))[nodeImage]) ??
  nodeImage;

lane(`a real k3d${needs}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-k3d-test-'));
  const kubeconfig = process.env['KUBECONFIG'];
  if (environment.target !== 'kubernetes') throw new TypeError('declared so above');
  const ensure = () => ensureCluster(environment, region, image, signal);
  const nodeAnswers = () =>
    waitFor(
      { what: 'the node', budget: { name: 'nodeReady', seconds: 120 }, next: 'docker logs', everyMs: 1000 },
      async () => ((await kubectl(context, ['get', 'nodes'])).includes(' Ready ') ? true : undefined),
    );

  beforeAll(() => {
    process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
  });
  afterAll(async () => {
    await deleteClusters(environment, [name], signal);
    if (kubeconfig === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = kubeconfig;
    rmSync(folder, { recursive: true, force: true });
  });

  it('creates a cluster from the configuration file, with its ports on this machine alone', async () => {
    expect(await ensure()).toBe('created');
    await nodeAnswers();
    const ports = await command('docker', ['port', `k3d-${name}-server-0`, '30080/tcp']);
    expect(ports.trim()).toBe('127.0.0.1:30080');
  });

  it('finds it, also by a kubeconfig that does not know it yet', async () => {
    rmSync(join(folder, 'kubeconfig'));
    expect(await ensure()).toBe('was there');
    await nodeAnswers();
  });

  it('starts it after it was stopped', async () => {
    await command('k3d', ['cluster', 'stop', name]);
    expect(await ensure()).toBe('started');
    await nodeAnswers();
  });

  it('deletes it, and its network with it', async () => {
    await deleteClusters(environment, [name], signal);
    expect(await clusterNamed(environment, region, signal)).toBeUndefined();
    const networks = await command('docker', ['network', 'ls', '--format', '{{.Name}}']);
    expect(networks.split('\n')).not.toContain(networkOf(environment));
  });
});
