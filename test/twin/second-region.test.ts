import { trafficStack } from '../../cli/traffic-stack';
import { loadEnvironment } from '../../environments';
import { runDrill } from '../../failover/engine';
import { EmbeddedTarget } from '../../failover/targets/embedded';

jest.setTimeout(180_000);

// The first region is Route 53's PRIMARY for good, so the way from the second and back takes other turns: the first region's
// latch starts closed, its alarm dies with the second region, and both are unhealthy until it is opened.
it('fails over from the second region by place, and back', async () => {
  const environment = loadEnvironment('production');
  const [first, second] = environment.regions;
  const roles = {
    [first]: { role: 'standby', generation: 2 },
    [second]: { role: 'active', generation: 1 },
  } as const;
  const before = trafficStack(environment, roles);
  const { outcome, error, movements, fence } = await runDrill({
    run: 'from-the-second',
    environment,
    roles,
    target: new EmbeddedTarget({ environment, synthesized: JSON.parse(before), realTime: false }),
    scenario: 'kill',
    changes: (changed) => Promise.resolve(trafficStack(environment, changed) === before ? [] : ['traffic']),
    listeners: [],
    signal: new AbortController().signal,
  });
  expect({ outcome, error }).toEqual({ outcome: 'met', error: undefined });
  expect(movements.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ['failover', second, first],
    ['switchover', first, second],
  ]);
  expect(fence).toMatchObject({ region: second, accepted: 0 });
});
