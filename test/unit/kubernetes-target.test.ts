import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvironment } from '../../environments';
import { type Clusters, endpointsAt } from '../../environments/clusters';
import type { Fault } from '../../failover/target';
import { KubernetesTarget } from '../../failover/targets/kubernetes';
import { nodePorts } from '../../lib/in-cluster';
import { identityOf } from '../../twin/processes';
import { FakeClusters } from '../support/fake-clusters';

const environment = loadEnvironment('local');
const [first, second] = environment.regions;
const roles = {
  [first]: { role: 'active' as const, generation: 1 },
  [second]: { role: 'standby' as const, generation: 1 },
};
const region = (context: string, address: string): Clusters['regions'][string] => ({
  context,
  addresses: [address],
  endpoints: endpointsAt(address, nodePorts),
});
const clusters: Clusters = {
  madeBy: 'others',
  regions: { [first]: region('east', '192.0.2.1'), [second]: region('west', '192.0.2.2') },
  images: {},
  workloadImage: 'tandem-workload:test',
  dns: '192.0.2.53:30053',
};

describe('the kubernetes target, on recording fakes of docker and kubectl', () => {
  let fakes: FakeClusters;
  let latches: string[];

  beforeEach(() => {
    fakes = new FakeClusters();
    latches = [];
    fakes.answer('east', 'primary');
    fakes.answer('west', 'standby');
    fakes.node('east-0', 'running');
    fakes.node('west-0', 'running');
  });
  afterEach(() => fakes.remove());

  const open = (): Promise<KubernetesTarget> =>
    KubernetesTarget.open({
      environment,
      clusters,
      roles,
      dns: {
        regions: () =>
          Promise.resolve({
            [first]: { verdict: 'healthy' as const, latch: 'healthy' as const },
            [second]: { verdict: 'healthy' as const, latch: 'healthy' as const },
          }),
        setLatch: (one, latch) => {
          latches.push(`${one} ${latch}`);
          return Promise.resolve();
        },
      },
    });
  const drillFile = (): string => join(fakes.folder, '.tandem', 'state', 'local', 'drill.json');
  const iptables = (...rest: readonly string[]): string =>
    ['docker exec east-0 iptables -w -t mangle -I', ...rest].join(' ');
  const dropped = '-m comment --comment tandem-drill -j DROP';

  it.each<[Fault, readonly string[]]>([
    ['kill-region', ['docker kill east-0']],
    ['freeze-region', ['docker pause east-0']],
    ['cut-region', [iptables('PREROUTING -i eth0', dropped), iptables('POSTROUTING -o eth0', dropped)]],
    [
      'cut-link',
      [
        iptables('PREROUTING -i eth0 -s 192.0.2.2', dropped),
        iptables('POSTROUTING -o eth0 -d 192.0.2.2', dropped),
      ],
    ],
  ])('does %s to the nodes of that region alone, and undoes it', async (fault, commands) => {
    const target = await open();
    expect(target.faults).toContain(fault);
    fakes.calls('docker');
    await target.inject(fault, first);
    expect(fakes.calls('docker')).toEqual(commands);
    await target.mendLink();
    await target.comeBack(first);
    expect(fakes.stateOf('east-0')).toBe('running');
    expect(
      fakes.calls('docker').some((call) => call.startsWith('docker exec east-0 sh -c iptables-save')),
    ).toBe(true);
    await target.close();
  });

  it('can not touch nodes that are no containers of this machine, and says so by its faults', async () => {
    fakes.answer('west', 'standby');
    const foreign = { ...clusters, regions: { ...clusters.regions, [second]: region('cloud', '192.0.2.3') } };
    fakes.answer('cloud', 'standby');
    const target = await KubernetesTarget.open({
      environment,
      clusters: foreign,
      roles,
      dns: { regions: () => Promise.resolve({}), setLatch: () => Promise.resolve() },
    });
    expect([...target.faults].sort()).toEqual(['delete-pods', 'kill-postgres']);
    await target.close();
  });

  it('tells both clusters the roles of roles.json when it is over, and not when they are others', async () => {
    const told = () =>
      fakes.calls('kubectl').filter((call) => call.includes('patch configmap postgres-role'));
    const target = await open();
    told();
    await target.close();
    expect(told().map((call) => /--context (\w+) .*"role":"(\w+)"/.exec(call)?.slice(1))).toEqual([
      ['east', 'active'],
      ['west', 'standby'],
    ]);
    expect(existsSync(drillFile())).toBe(false);

    fakes.answer('west', 'primary');
    const moved = await open();
    told();
    await moved.close();
    expect(told()).toEqual([]);
  });

  it('refuses to start while another drill runs', async () => {
    const other = spawn('sleep', ['60']);
    const { pid = 0, startedAt = '' } = identityOf(other.pid ?? 0) ?? {};
    mkdirSync(join(drillFile(), '..'), { recursive: true });
    writeFileSync(drillFile(), JSON.stringify({ pid, startedAt, phase: 'fence', nodes: {} }));
    await expect(open()).rejects.toThrow(/^DrillRefused: a drill runs on these clusters, in phase fence/);
    expect(existsSync(drillFile())).toBe(true);
    other.kill();
  });

  it('finds the nodes of a cluster that a dead drill left without power, and gives it back', async () => {
    mkdirSync(join(drillFile(), '..'), { recursive: true });
    const nodes = { [first]: ['east-0'], [second]: ['west-0'] };
    writeFileSync(drillFile(), JSON.stringify({ pid: 1, startedAt: 'never', phase: 'detect', nodes }));
    fakes.node('east-0', 'exited');
    fakes.node('west-0', 'paused');
    const told: string[] = [];
    const target = await open();
    await target.prepare(first, (text) => told.push(text));
    expect([fakes.stateOf('east-0'), fakes.stateOf('west-0')]).toEqual(['running', 'running']);
    expect(told).toEqual(['the drill before died in phase detect']);
    expect(latches).toEqual([`${first} open`, `${second} open`]);
    expect(target.software).toEqual({ postgres: 'PostgreSQL 17.6', cache: 'valkey-server 8.1.1' });
    await target.close();
  });
});
