import { movedOnClusters } from '../../cli/kubernetes/reconcile';
import { loadEnvironment } from '../../environments';
import { type Clusters, endpointsAt, saveClusters } from '../../environments/clusters';
import { nodePorts } from '../../lib/in-cluster';
import { FakeClusters } from '../support/fake-clusters';

const environment = loadEnvironment('local');
const [first, second] = environment.regions;
const declared = {
  [first]: { role: 'active' as const, generation: 1 },
  [second]: { role: 'standby' as const, generation: 3 },
};
const region = (context: string, address: string): Clusters['regions'][string] => ({
  context,
  addresses: [address],
  endpoints: endpointsAt(address, nodePorts),
});

describe('the roles of two clusters by their databases, on a recording fake of kubectl', () => {
  let fakes: FakeClusters;
  beforeEach(() => {
    fakes = new FakeClusters();
    saveClusters(environment, {
      madeBy: 'others',
      regions: { [first]: region('east', '192.0.2.1'), [second]: region('west', '192.0.2.2') },
      images: {},
      workloadImage: 'tandem-workload:test',
      dns: '192.0.2.53:30053',
    });
  });
  afterEach(() => fakes.remove());

  const moved = () => {
    if (environment.target !== 'kubernetes') throw new TypeError('local is on clusters');
    return movedOnClusters(environment, declared);
  };

  it('are as declared when nothing moved', async () => {
    fakes.answer('east', 'primary');
    fakes.answer('west', 'standby');
    expect(await moved()).toEqual({
      roles: declared,
      active: first,
      latches: { [first]: 'open', [second]: 'open' },
      reached: [first, second],
      unreached: [],
    });
  });

  it('are turned round when the active region is silent and the other was promoted', async () => {
    fakes.answer('west', 'primary');
    expect(await moved()).toEqual({
      roles: { [first]: { role: 'fenced', generation: 1 }, [second]: { role: 'active', generation: 3 } },
      active: second,
      latches: { [first]: 'closed', [second]: 'open' },
      reached: [second],
      unreached: [first],
    });
  });

  it('are not guessed while no primary answers', async () => {
    fakes.answer('west', 'standby');
    await expect(moved()).rejects.toMatchObject({ code: 'OperationRefused' });
  });
});
