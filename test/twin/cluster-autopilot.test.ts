import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { trafficStack } from '../../cli/traffic-stack';
import { loadEnvironment } from '../../environments';
import { loadRoles } from '../../environments/roles';
import { waitFor } from '../../lib/wait';
import { pickAddresses } from '../../twin/addresses';
import { serveStanding } from '../../twin/dns/standing';
import { readStandingRecord, StandingDns } from '../../twin/dns/standing-client';
import { lack, PreparedRegion, shared } from '../support/prepared-region';
import { Program } from '../support/workload';

jest.setTimeout(240_000);

const environment = loadEnvironment('local');
const [first, second] = environment.regions;
const publicName = `${environment.dns.host}.${environment.dns.zone}`;

const line = z.looseObject({
  event: z.string(),
  verdict: z.string().optional(),
  reason: z.string().optional(),
  missed: z.record(z.string(), z.string()).optional(),
  gates: z.array(z.looseObject({ gate: z.string(), held: z.boolean().optional() })).optional(),
});

/** The door of a region, which Route 53's checks and the autopilot ask. */
class Door {
  status = 200;
  readonly #server: Server = createServer((_, answer) => answer.writeHead(this.status).end());

  constructor(
    readonly address: string,
    readonly port: number,
  ) {}

  open(): Promise<void> {
    return new Promise((listening) => this.#server.listen(this.port, this.address, listening));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** One story: what is no loss, what somebody breaks on purpose, and a loss. */
(lack ? describe.skip : describe)(
  `the autopilot of clusters, on real PostgreSQL and the standing name server${lack ? ` (${lack})` : ''}`,
  () => {
    const base = mkdtempSync(join(tmpdir(), 'tandem-autopilot-'));
    const file = join(base, 'state', 'dns.json');
    const dns = new StandingDns('local', () => readStandingRecord(file));
    let [east, west]: PreparedRegion[] = [];
    let doors: readonly [Door, Door];
    let endDns: () => Promise<void>;
    let drilling = false;
    let program: Program;
    let page: string;
    let databaseOf: (password: string, database: string) => string;

    beforeAll(async () => {
      const { regions, postgresPort, workloadPort, cachePort, dns: dnsAddress } = await pickAddresses();
      const [one, other] = regions;
      shared(base);
      // The peer's database is reached by the peer's name: on the address of its door.
      east = new PreparedRegion(base, 'east', one.workloads[0], other.workloads[0], postgresPort);
      west = new PreparedRegion(base, 'west', other.workloads[0], one.workloads[0], postgresPort);
      expect(east.prepare('active', 1).status).toBe(0);
      await east.start();
      expect(west.prepare('standby', 1).status).toBe(0);
      await west.start();
      doors = [new Door(one.workloads[0], workloadPort), new Door(other.workloads[0], workloadPort)];
      await Promise.all(doors.map((door) => door.open()));
      const bind = { address: dnsAddress, port: postgresPort, controlPort: cachePort };
      endDns = await serveStanding({
        synthesized: JSON.parse(trafficStack(environment, loadRoles(environment))),
        publicName,
        addresses: { [first]: [doors[0].address], [second]: [doors[1].address] },
        workloadPort,
        bind,
        token: 'shown',
        operation: () => (drilling ? 'under-way' : 'none'),
        file,
        latches: { [first]: 'open' },
      });
      const ca = join(base, 'server.crt');
      const { address } = west;
      databaseOf = (password, database) =>
        `postgres://autopilot:${password}@${address}:${postgresPort}/${database}?uselibpqcompat=true&sslmode=verify-ca&sslrootcert=${ca}`;
      page = `http://127.0.0.1:${cachePort + 1}`;
      program = new Program('watch', {
        PORT: String(cachePort + 1),
        ENVIRONMENT: 'local',
        REGION: second,
        PEER_REGION: first,
        MODE: 'act',
        WINDOW_SECONDS: '10',
        PATIENCE_SECONDS: '60',
        GAP_SECONDS: '15',
        RPO_SECONDS: '30',
        PUBLIC_NAME: publicName,
        OWN_HEALTH_URL: `http://${doors[1].address}:${workloadPort}/ready`,
        PEER_HEALTH_URL: `http://${doors[0].address}:${workloadPort}/ready`,
        PEER_DATABASE_PORT: String(postgresPort),
        PODS_NAME: 'localhost',
        LEAST_PODS: '1',
        DNS_SERVER: `${dnsAddress}:${postgresPort}`,
        CONTROL_URL: `http://${dnsAddress}:${cachePort}`,
        CONTROL_TOKEN: 'shown',
        DATABASE_URL: databaseOf('of-the-autopilot', 'postgres'),
      });
    });
    afterAll(async () => {
      program.signal('SIGKILL');
      for (const door of doors) door.close();
      await Promise.all([endDns(), east?.kill(), west?.kill()]);
      rmSync(base, { recursive: true, force: true });
    });

    const lines = () =>
      program.output
        .split('\n')
        .filter((each) => each.startsWith('{'))
        .map((each) => line.parse(JSON.parse(each)));
    const hears = (what: string, seconds: number, heard: (one: z.infer<typeof line>) => boolean) =>
      waitFor({ what, budget: { name: 'test', seconds }, next: program.output, everyMs: 200 }, () =>
        Promise.resolve(lines().findLast(heard)),
      );
    const isReplica = () => west?.sql('select pg_is_in_recovery()') === 't';
    const asks = async () => /asks (\d)/.exec(await (await fetch(`${page}/metrics`)).text())?.[1];

    it('sees everything, and a region in order: nothing to do, and whoever asks it hears that it looks', async () => {
      const seen = await hears('a look', 20, ({ event, missed }) => event === 'decision' && !missed?.['lag']);
      expect(seen).toMatchObject({ verdict: 'stay', reason: 'no sign of a loss', missed: {} });
      const held = seen.gates?.filter((gate) => gate.held).map(({ gate }) => gate);
      expect(held).toEqual([
        ...['replica', 'connected', 'own-serves', 'capacity', 'within-rpo', 'no-operation'],
      ]);
      expect((await fetch(page)).status).toBe(200);
      expect(await asks()).toBe('0');
    });

    it('promotes with a role that reads no data', async () => {
      const client = new Client({ connectionString: databaseOf('of-the-autopilot', 'tandem') });
      await expect(client.connect()).rejects.toThrow('no pg_hba.conf entry');
      const inside = new Client({ connectionString: databaseOf('of-the-autopilot', 'postgres') });
      await inside.connect();
      await expect(inside.query('select * from pg_authid')).rejects.toThrow('permission denied');
      await expect(inside.query("select pg_read_file('PG_VERSION')")).rejects.toThrow('permission denied');
      await inside.end();
    });

    it('asks people, and does nothing, while only the workload of the other region is down', async () => {
      doors[0].status = 503;
      const asked = await hears('to ask', 90, ({ verdict }) => verdict === 'ask');
      expect(asked.reason).toBe('the peer region seems lost, but not: database-silent');
      expect(await asks()).toBe('1');
      expect(isReplica()).toBe(true);
    });

    it('leaves to a drill what the drill breaks', async () => {
      drilling = true;
      await hears('the drill', 20, ({ gates = [] }) =>
        gates.some(({ gate, held }) => gate === 'no-operation' && held === false),
      );
      doors[0].close();
      await east?.kill();
      await hears('the silence', 20, ({ gates = [] }) =>
        gates.some(({ gate, held }) => gate === 'database-silent' && held === true),
      );
      await sleep(15_000);
      expect(isReplica()).toBe(true);
    });

    it('fails over when nobody is at it: the latch first, the promotion last', async () => {
      drilling = false;
      await hears('a failover', 60, ({ event }) => event === 'failover-done');
      const steps = lines().flatMap(({ event, step }) => (event === 'step' ? String(step) : []));
      expect(steps).toEqual([
        `latch of ${first}: closed`,
        `latch of ${second}: open`,
        `PostgreSQL of ${second}: promoted`,
      ]);
      expect(isReplica()).toBe(false);
      expect((await dns.regions())[first]?.latch).toBe('unhealthy');
      west?.sql('create table written (id int)');
      await hears('peace', 20, ({ reason = '' }) => reason.includes('nothing to promote'));
      expect(await asks()).toBe('0');
    });

    it('ends when it is told to', async () => {
      program.signal('SIGTERM');
      expect(await program.ended()).toBe(143);
    });
  },
);
