import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Testing } from 'cdktf';
import { loadEnvironment } from '../../environments';
import { loadRoles } from '../../environments/roles';
import { waitFor } from '../../lib/wait';
import { TrafficStack } from '../../stacks/traffic';
import { regionTraffic } from '../../twin/dns/region-traffic';
import { type Route53, startRoute53, type StatusChange } from '../../twin/dns/route53';
import { freePort, RegionalServers } from '../support/regional-servers';
import { loadBalancers, trafficStack } from '../support/traffic-stack';

const publicName = 'app.tandem.example';
const [eastAddresses, westAddresses] = Object.values(loadBalancers);
const intervalMs = 300;
const failureThreshold = 3;
/** What two busy cores may add to an interval's timers and a probe. */
const slackMs = 450;

const stoodDown = (region: string, value: number) => ({
  namespace: 'Tandem',
  metricName: 'StoodDown',
  dimensions: { Region: region },
  value,
});

describe('Route 53 in the twin', () => {
  let port: number;
  let east: RegionalServers;
  let west: RegionalServers;
  let route53: Route53;
  let changes: StatusChange[];

  const start = async (synthesized: unknown, behind: Record<string, readonly string[]> = loadBalancers) => {
    route53 = await startRoute53({
      synthesized,
      loadBalancers: behind,
      endpointPort: port,
      intervalMs,
      alarmPeriodMs: intervalMs,
      bind: { address: '127.0.0.1' },
    });
    changes = [];
    route53.onChange((change) => changes.push(change));
  };

  const resolver = () => {
    const asking = new Resolver();
    asking.setServers([`${route53.address}:${route53.port}`]);
    return asking;
  };

  const changed = (healthCheck: string, status: string): Promise<StatusChange> =>
    waitFor(
      {
        what: `${healthCheck} to be ${status}`,
        budget: { name: 'detection', seconds: 5 },
        next: 'read the checker',
        everyMs: 5,
      },
      () => Promise.resolve(changes.find((one) => one.healthCheck === healthCheck && one.status === status)),
    );

  const answered = async (name = publicName) => (await resolver().resolve4(name)).toSorted();

  beforeEach(async () => {
    port = await freePort();
    east = new RegionalServers(eastAddresses ?? [], port);
    west = new RegionalServers(westAddresses ?? [], port);
    await Promise.all([east.start(), west.start()]);
    await start(trafficStack());
  });

  afterEach(async () => {
    await route53.close();
    await Promise.all([east.kill(), west.kill()]);
  });

  it('moves the answer to the secondary when the primary is killed, and back when it serves again', async () => {
    await sleep(2 * intervalMs);
    expect(await answered()).toEqual(eastAddresses);
    expect(changes).toEqual([]);

    const killedMs = performance.now();
    await east.kill();
    const detected = await changed('endpoint_east', 'unhealthy');
    expect(detected.atMs - killedMs).toBeGreaterThan((failureThreshold - 1) * intervalMs);
    expect(detected.atMs - killedMs).toBeLessThan(failureThreshold * intervalMs + slackMs);
    expect(await answered()).toEqual(westAddresses);
    expect(await resolver().resolveCname(publicName)).toEqual([`us-west-2.${publicName}`]);
    expect([route53.healthOf('us-east-1'), route53.healthOf('us-west-2')]).toEqual(['unhealthy', 'healthy']);
    expect(changes.map(({ healthCheck }) => healthCheck)).toEqual(['endpoint_east', 'calculated_east']);

    await east.start();
    await changed('calculated_east', 'healthy');
    expect(await answered()).toEqual(eastAddresses);
  });

  it('keeps a latched region out while its endpoint is healthy and the metric gone, until a 0', async () => {
    route53.putMetricData('us-west-2', stoodDown('us-east-1', 1));
    expect(await answered()).toEqual(westAddresses);
    await sleep(failureThreshold * intervalMs);
    expect(route53.statusOf('endpoint_east')).toBe('healthy');
    expect(await answered()).toEqual(westAddresses);

    route53.setRegionDown('us-west-2', true);
    expect(() => route53.putMetricData('us-west-2', stoodDown('us-east-1', 0))).toThrow('RegionUnreachable');
    expect(await answered()).toEqual(westAddresses);
    route53.setRegionDown('us-west-2', false);
    expect(await answered()).toEqual(westAddresses);

    route53.putMetricData('us-west-2', stoodDown('us-east-1', 0));
    expect(await answered()).toEqual(eastAddresses);
  });

  it('answers with the primary when neither region is healthy', async () => {
    await Promise.all([east.kill(), west.kill()]);
    await Promise.all([changed('calculated_east', 'unhealthy'), changed('calculated_west', 'unhealthy')]);
    expect(await answered()).toEqual(eastAddresses);
  });

  it('stays healthy when one address of two is gone', async () => {
    const half = new RegionalServers((eastAddresses ?? []).slice(1), port);
    await east.kill();
    await half.start();
    await sleep(2 * failureThreshold * intervalMs);
    const status = route53.statusOf('endpoint_east');
    await half.kill();
    expect(status).toBe('healthy');
  });

  it('leaves no timer and no socket when closed, even with a probe and a connection under way', async () => {
    await Promise.all([route53.close(), east.kill()]);
    const active = (kind: RegExp) =>
      process.getActiveResourcesInfo().filter((name) => kind.test(name)).length;
    /** Sockets take a moment to be gone, and the test runner has timers of its own that come and go. */
    const settled = async (kind: RegExp, most: number): Promise<number> => {
      for (let look = 0; look < 40 && active(kind) > most; look++) await sleep(25);
      return active(kind);
    };
    const idle = active(/^Timeout$/);
    const silent = createServer(() => undefined).listen(port, eastAddresses?.[0]);
    const asked = once(silent, 'request');
    await start(trafficStack());
    const connection = connect(route53.port, route53.address);
    await Promise.all([asked, once(connection, 'connect')]);

    const ended = once(connection, 'close');
    const closingMs = performance.now();
    route53.putMetricData('us-west-2', stoodDown('us-east-1', 1));
    await route53.close();
    expect(performance.now() - closingMs).toBeLessThan(500);
    expect(await settled(/^Timeout$/, idle)).toBeLessThanOrEqual(idle);
    await ended;
    silent.closeAllConnections();
    silent.close();
    await Promise.all([once(silent, 'close'), west.kill()]);
    const before = changes.length;
    await sleep(failureThreshold * intervalMs);
    expect(changes).toHaveLength(before);
    expect(await settled(/UDP|TCP/, 0)).toBe(0);
  });

  it('refuses a check of a name without an address, and says which regions and checks there are', async () => {
    const stack = trafficStack();
    stack.resource.aws_route53_health_check.endpoint_east.fqdn = 'nobody.tandem.example';
    await expect(start(stack)).rejects.toThrow(/SynthesisUnexpected: health check endpoint_east of nobody/);
    expect(() => route53.healthOf('eu-west-1')).toThrow(/SynthesisUnexpected: no record .* eu-west-1/);
    expect(() => route53.statusOf('nothing')).toThrow(/expected one of endpoint_east, /);
  });

  it('sends nothing for a disabled check, which counts as healthy', async () => {
    const stack = trafficStack();
    Object.assign(stack.resource.aws_route53_health_check.endpoint_east, { disabled: true });
    await Promise.all([route53.close(), west.kill()]);
    const before = east.requests;
    await start(stack);
    await changed('calculated_west', 'unhealthy');
    expect(east.requests).toBe(before);
    await east.kill();
    await sleep((failureThreshold + 1) * intervalMs);
    expect(route53.healthOf('us-east-1')).toBe('healthy');
  });

  it('reports an inverted new check as unhealthy until there is enough data', async () => {
    const stack = trafficStack();
    Object.assign(stack.resource.aws_route53_health_check.endpoint_east, { invert_healthcheck: true });
    await Promise.all([route53.close(), east.kill()]);
    await start(stack);
    expect(route53.statusOf('endpoint_east')).toBe('unhealthy');
    await changed('endpoint_east', 'healthy');
  });

  it('serves the traffic stack that Tandem synthesizes: a kill moves clients, the latch keeps them there', async () => {
    const environment = loadEnvironment('production');
    const [first, second] = environment.regions;
    const synthesized: unknown = JSON.parse(
      Testing.synth(
        new TrafficStack(Testing.app(), 'traffic', {
          environment,
          roles: loadRoles(environment),
          mode: 'offline',
        }),
      ),
    );
    const name = `${environment.dns.host}.${environment.dns.zone}`;
    const { loadBalancer, latch } = regionTraffic(synthesized, name, first);
    await route53.close();
    await start(synthesized, {
      [loadBalancer]: east.addresses,
      [regionTraffic(synthesized, name, second).loadBalancer]: west.addresses,
    });
    expect(await answered(name)).toEqual(eastAddresses);
    expect(await resolver().resolve4(name, { ttl: true })).toEqual(
      expect.arrayContaining([{ address: eastAddresses?.[0], ttl: environment.dns.ttlSeconds }]),
    );

    await east.kill();
    await waitFor(
      { what: `${first} to leave DNS`, budget: { name: 'detection', seconds: 5 }, next: 'read the stack' },
      async () => ((await answered(name))[0] === westAddresses?.[0] ? true : undefined),
    );
    route53.putMetricData(second, { ...latch, value: 1 });
    await east.start();
    await sleep((environment.healthCheck.failureThreshold + 2) * intervalMs);
    expect(route53.healthOf(first)).toBe('unhealthy');
    expect(await answered(name)).toEqual(westAddresses);
  });
});
