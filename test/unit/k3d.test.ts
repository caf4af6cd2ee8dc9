import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { deleteClusters, ensureCluster, importImages, k3dConfig } from '../../cli/kubernetes/k3d';
import { loadEnvironment } from '../../environments';
import { FakeK3d } from '../support/fake-k3d';

const environment = loadEnvironment('local');
if (environment.target !== 'kubernetes') throw new TypeError('local is on kubernetes');
const [east, west] = environment.regions;
const name = 'tandem-local-us-east-1';
const { signal } = new AbortController();
const image = 'k3s:test';

describe('the configuration file of a cluster', () => {
  it('has one server without a load balancer, and the ports of its region on this machine alone', () => {
    const ports = [east, west].map((region) => k3dConfig(environment, region, image).ports);
    expect(ports.map((each) => each.map(({ port }) => port))).toEqual([
      ['127.0.0.1:30080:30080', '127.0.0.1:30090:30090', '127.0.0.1:30030:30030'],
      ['127.0.0.1:30081:30080', '127.0.0.1:30091:30090', '127.0.0.1:30031:30030'],
    ]);
    expect(ports.flat().map(({ nodeFilters }) => nodeFilters)).toEqual(Array(6).fill(['server:0:direct']));
    expect(k3dConfig(environment, east, image)).toMatchObject({
      servers: 1,
      agents: 0,
      image,
      network: 'tandem-local',
      options: { k3d: { disableLoadbalancer: true } },
    });
  });

  it('names clusters within the 32 characters that k3d allows', () => {
    for (const region of environment.regions)
      expect(k3dConfig(environment, region, image).metadata.name.length).toBeLessThanOrEqual(32);
  });

  const schema = process.env['K3D_CONFIG_SCHEMA'];
  const published = schema === undefined ? it.skip : it;
  published(
    `is what k3d's published schema allows${schema === undefined ? ' (no schema: set K3D_CONFIG_SCHEMA to pkg/config/v1alpha5/schema.json of k3d-io/k3d)' : ''}`,
    () => {
      const parsed = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(schema ?? '', 'utf8')));
      const allowed = z.fromJSONSchema(parsed);
      for (const region of environment.regions) {
        const config = k3dConfig(environment, region, image);
        expect(allowed.safeParse(config).error).toBeUndefined();
        expect(allowed.safeParse({ ...config, loadbalancer: false }).success).toBe(false);
      }
    },
  );
});

describe('clusters, against a fake k3d that records', () => {
  const standing = { name, serversCount: 1, serversRunning: 1 };
  let k3d: FakeK3d;
  afterEach(() => k3d.remove());

  it('creates a cluster that is missing, by its configuration file', async () => {
    k3d = new FakeK3d([]);
    expect(await ensureCluster(environment, east, image, signal)).toBe('created');
    expect(k3d.calls).toEqual([expect.stringMatching(/^cluster create --config .*\.yaml$/)]);
    expect(k3d.config).toEqual(k3dConfig(environment, east, image));
  });

  it('uses one that runs, and has the kubeconfig know it', async () => {
    k3d = new FakeK3d([standing]);
    expect(await ensureCluster(environment, east, image, signal)).toBe('was there');
    expect(k3d.calls).toEqual([expect.stringMatching(`^kubeconfig merge ${name} `)]);
  });

  it('starts one that was stopped', async () => {
    k3d = new FakeK3d([{ ...standing, serversRunning: 0 }]);
    expect(await ensureCluster(environment, east, image, signal)).toBe('started');
    expect(k3d.clusters).toEqual([standing]);
  });

  it('makes one anew whose creation ended before it had a server', async () => {
    k3d = new FakeK3d([{ ...standing, serversCount: 0, serversRunning: 0 }]);
    expect(await ensureCluster(environment, east, image, signal)).toBe('created');
    expect(k3d.calls.map((call) => call.split(' ')[1])).toEqual(['delete', 'create']);
    expect(k3d.clusters).toEqual([standing]);
  });

  it('imports images into both clusters without a helper, and deletes both with their network', async () => {
    k3d = new FakeK3d([
      standing,
      { ...standing, name: 'tandem-local-us-west-2' },
      { ...standing, name: 'other' },
    ]);
    await importImages(environment, ['app:1'], signal);
    await deleteClusters(environment, [name, 'tandem-local-us-west-2'], signal);
    expect(k3d.calls[0]).toBe(
      `image import --mode direct --cluster ${name} --cluster tandem-local-us-west-2 app:1`,
    );
    expect(k3d.clusters).toEqual([{ ...standing, name: 'other' }]);
    expect(k3d.docker.at(-1)).toBe('docker network rm 4f1c');
  });
});
