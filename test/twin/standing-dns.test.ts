import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trafficStack } from '../../cli/traffic-stack';
import { loadEnvironment } from '../../environments';
import { loadRoles } from '../../environments/roles';
import { pickAddresses } from '../../twin/addresses';
import { type StandingOptions, serveStanding } from '../../twin/dns/standing';
import { readStandingRecord, StandingDns } from '../../twin/dns/standing-client';

const environment = loadEnvironment('local');
const [first, second] = environment.regions;
const { host, zone } = environment.dns;
const publicName = `${host}.${zone}`;

describe('the standing name server of an environment on clusters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-standing-'));
  const file = join(folder, 'state', 'dns.json');
  const dns = new StandingDns('local', () => readStandingRecord(file));
  let drilling = false;
  const regions: Server[] = [];
  let options: StandingOptions;
  let end: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    const picked = await pickAddresses();
    for (const { workloads } of picked.regions) {
      const region = createServer((_, answer) => answer.end('ready'));
      await new Promise<void>((listening) => {
        region.listen(picked.workloadPort, workloads[0], listening);
      });
      regions.push(region);
    }
    options = {
      synthesized: JSON.parse(trafficStack(environment, loadRoles(environment))),
      publicName,
      addresses: {
        [first]: [picked.regions[0].workloads[0]],
        [second]: [picked.regions[1].workloads[0]],
      },
      workloadPort: picked.workloadPort,
      bind: { address: picked.dns, port: picked.postgresPort, controlPort: picked.cachePort },
      token: 'a-token-of-its-own',
      operation: () => (drilling ? 'under-way' : 'none'),
      file,
      latches: { [first]: 'open' },
    };
  });
  afterEach(() => end?.());
  afterAll(() => {
    for (const region of regions) region.close();
    rmSync(folder, { recursive: true });
  });

  const points = async (): Promise<string | undefined> => {
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers([`${options.bind.address}:${options.bind.port}`]);
    return (await resolver.resolveCname(publicName))[0];
  };

  it('answers on the port it is given, and moves the name by latches that outlive it', async () => {
    end = await serveStanding(options);
    expect(await points()).toBe(`${first}.${publicName}`);
    expect(await dns.regions()).toEqual({
      [first]: { verdict: 'healthy', latch: 'healthy' },
      [second]: { verdict: 'healthy', latch: 'healthy' },
    });

    await dns.setLatch(first, 'closed');
    expect(await points()).toBe(`${second}.${publicName}`);
    expect((await dns.regions())[first]).toEqual({ verdict: 'unhealthy', latch: 'unhealthy' });
    await end();
    await expect(dns.regions()).rejects.toThrow(
      /^DnsNotServing: .*expected that it runs beside the clusters/,
    );

    end = await serveStanding(options);
    expect(await points()).toBe(`${second}.${publicName}`);
    await dns.setLatch(first, 'open');
    expect(await points()).toBe(`${first}.${publicName}`);
  });

  it('takes commands only from who shows its token, which its file has for its owner alone', async () => {
    end = await serveStanding(options);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { control = '', token = '' } = readStandingRecord(file) ?? {};
    expect(control).toBe(`http://${options.bind.address}:${options.bind.controlPort}`);
    const ask = (authorization: string) => fetch(`${control}/regions`, { headers: { authorization } });
    expect((await ask('Bearer guessed')).ok).toBe(false);
    expect((await ask('Bearer a-token-of-its-owm')).ok).toBe(false);
    expect((await ask(`Bearer ${token}`)).ok).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(token);
  });

  it('says whether somebody is at work on the environment', async () => {
    end = await serveStanding(options);
    expect(await dns.operation()).toBe('none');
    drilling = true;
    expect(await dns.operation()).toBe('under-way');
    drilling = false;
  });

  it('refuses a port for commands that is taken, and leaves none behind', async () => {
    const taken = createServer().listen(options.bind.controlPort, options.bind.address);
    await new Promise((listening) => taken.once('listening', listening));
    await expect(serveStanding(options)).rejects.toThrow(`PortUnavailable: port ${options.bind.controlPort}`);
    await new Promise((closed) => taken.close(closed));
    end = await serveStanding(options);
  });

  it('refuses a port that is taken with PortUnavailable, and says which', async () => {
    end = await serveStanding(options);
    await expect(serveStanding(options)).rejects.toThrow(
      `PortUnavailable: port ${options.bind.port} of ${options.bind.address} could not be bound`,
    );
  });
});
