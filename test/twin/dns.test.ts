import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Testing } from 'cdktf';
import { decode, streamEncode } from 'dns-packet';
import { z } from 'zod';
import { loadEnvironment } from '../../environments';
import { waitFor } from '../../lib/wait';
import { TrafficStack } from '../../stacks/traffic';
import { type Route53, startRoute53, type StatusChange } from '../../twin/dns/route53';
import { loadBalancers, trafficStack } from '../support/traffic-stack';

const publicName = 'app.tandem.example';
const [eastAddresses, westAddresses] = Object.values(loadBalancers);
const intervalMs = 200;
const failureThreshold = 3;
/** What two busy cores may add to an interval's timers and a probe. */
const slackMs = 600;

/** A region's real HTTP servers: one an address, all on the port that stands for 443. */
class Region {
  #servers: Server[] = [];

  constructor(
    readonly addresses: readonly string[],
    readonly port: number,
  ) {}

  async start(): Promise<void> {
    for (const address of this.addresses) {
      const server = createServer((_, response) => response.end('ok')).listen(this.port, address);
      await once(server, 'listening');
      this.#servers.push(server);
    }
  }

  async kill(): Promise<void> {
    for (const server of this.#servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  return typeof bound === 'object' && bound ? bound.port : 0;
}

const stoodDown = (region: string, value: number) => ({
  namespace: 'Tandem',
  metricName: 'StoodDown',
  dimensions: { Region: region },
  value,
});

describe('Route 53 in the twin', () => {
  let port: number;
  let east: Region;
  let west: Region;
  let route53: Route53;
  let changes: StatusChange[];

  const start = async (synthesized: unknown, behind: Record<string, readonly string[]> = loadBalancers) => {
    route53 = await startRoute53({
      synthesized,
      loadBalancers: behind,
      endpointPort: port,
      intervalMs,
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
    east = new Region(eastAddresses ?? [], port);
    west = new Region(westAddresses ?? [], port);
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

  it('stays healthy when one address of two is gone, because each checker asks them in turn', async () => {
    const half = new Region((eastAddresses ?? []).slice(1), port);
    await east.kill();
    await half.start();
    await sleep(2 * failureThreshold * intervalMs);
    const status = route53.statusOf('endpoint_east');
    await half.kill();
    expect(status).toBe('healthy');
  });

  it('serves UDP and TCP on one port, and outlives packets that are no queries', async () => {
    const question = { type: 'CNAME', name: publicName } as const;
    const query = streamEncode({ type: 'query', id: 9, questions: [question] });

    const udp = createSocket('udp4');
    for (const packet of [Buffer.alloc(0), Buffer.from('no query at all'), query.subarray(2, 20)]) {
      udp.send(packet, route53.port, route53.address);
    }
    udp.send(query.subarray(2), route53.port, route53.address);
    const [response] = z
      .tuple([z.instanceof(Buffer)])
      .rest(z.unknown())
      .parse(await once(udp, 'message'));
    udp.close();
    expect(decode(response)).toMatchObject({
      id: 9,
      answers: [{ data: `us-east-1.${publicName}`, ttl: 30 }],
    });

    const tcp = connect(route53.port, route53.address);
    tcp.write(query.subarray(0, 5));
    await sleep(20);
    tcp.write(Buffer.concat([query.subarray(5), query]));
    const twoResponses = 2 * (2 + response.length);
    let received = Buffer.alloc(0);
    tcp.on('data', (chunk) => (received = Buffer.concat([received, chunk])));
    while (received.length < twoResponses) await once(tcp, 'data');
    expect(received).toHaveLength(twoResponses);
    expect(decode(received, 2)).toEqual(decode(response));

    tcp.write(Buffer.from([0, 3, 1, 2, 3]));
    await once(tcp, 'close');
    expect(await answered()).toEqual(eastAddresses);
  });

  it('leaves no timer and no socket when closed, even with a probe and a connection under way', async () => {
    await Promise.all([route53.close(), east.kill()]);
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const idle = timers();
    const silent = createServer(() => undefined).listen(port, eastAddresses?.[0]);
    const asked = once(silent, 'request');
    await start(trafficStack());
    const connection = connect(route53.port, route53.address);
    await Promise.all([asked, once(connection, 'connect')]);

    const ended = once(connection, 'close');
    const closingMs = performance.now();
    route53.putMetricData('us-west-2', stoodDown('us-east-1', 1));
    await route53.close();
    expect(timers()).toEqual(idle);
    expect(performance.now() - closingMs).toBeLessThan(500);
    await ended;
    silent.closeAllConnections();
    silent.close();
    await Promise.all([once(silent, 'close'), west.kill()]);
    const before = changes.length;
    await sleep(failureThreshold * intervalMs);
    expect(changes).toHaveLength(before);
    expect(process.getActiveResourcesInfo().filter((name) => /UDP|TCP/.test(name))).toEqual([]);
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
    await Promise.all([route53.close(), east.kill(), west.kill()]);
    await start(stack);
    await changed('calculated_west', 'unhealthy');
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
      Testing.synth(new TrafficStack(Testing.app(), 'traffic', environment)),
    );
    const name = `${environment.dns.host}.${environment.dns.zone}`;
    await route53.close();
    await start(synthesized, {
      [`load-balancer.${first}.invalid`]: east.addresses,
      [`load-balancer.${second}.invalid`]: west.addresses,
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
    route53.putMetricData(second, {
      namespace: 'Tandem',
      metricName: 'StoodDown',
      dimensions: { Environment: 'production', Region: first },
      value: 1,
    });
    await east.start();
    await sleep((environment.healthCheck.failureThreshold + 2) * intervalMs);
    expect(route53.healthOf(first)).toBe('unhealthy');
    expect(await answered(name)).toEqual(westAddresses);
  });
});
