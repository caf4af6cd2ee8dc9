import { Resolver } from 'node:dns/promises';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { AwsEnvironment } from '../../environments';
import type { DatabaseEndpoint } from '../../failover/autopilot/aws';
import type { Network } from '../../failover/autopilot/network';
import { TestDns } from '../support/dns';
import { freePort } from '../support/regional-servers';
import { secureAgent, SecureServer } from '../support/secure-server';

/** The world around AWS, of real servers on loopback addresses: DNS, both regions' doors, the edge, the peer's database. */
export class World {
  readonly doors = { own: new SecureServer(), peer: new SecureServer(), edge: new SecureServer() };
  #database: Server | undefined;

  private constructor(
    private readonly dns: TestDns,
    readonly network: Network,
    private readonly names: Readonly<Record<'public' | 'own' | 'peer', string>>,
    private readonly databaseAt: { readonly host: string; readonly port: number },
  ) {}

  /** @param own the region that is watched from @param database the peer's, as RDS names it */
  static async start(
    { dns: { host, zone } }: AwsEnvironment,
    own: string,
    peer: string,
    database: DatabaseEndpoint,
  ) {
    const [dns, httpsPort] = [await TestDns.start(), await freePort()];
    const resolver = new Resolver({ timeout: 300, tries: 1 });
    resolver.setServers([dns.server]);
    const app = `${host}.${zone}`;
    const names = { public: app, own: `${own}.${app}`, peer: `${peer}.${app}` };
    const corner = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    const at = { own: `${corner}.1`, peer: `${corner}.2`, edge: `${corner}.3` };
    const network = { resolver, agent: secureAgent(), httpsPort };
    const world = new World(dns, network, names, { host: at.peer, port: database.port });
    await world.doors.own.start(at.own, httpsPort);
    await world.doors.peer.start(at.peer, httpsPort);
    await world.doors.edge.start(at.edge, httpsPort);
    dns.addresses.set(names.own, at.own);
    dns.addresses.set(names.peer, at.peer);
    dns.addresses.set(`edge.${app}`, at.edge);
    dns.addresses.set(database.address.toLowerCase(), at.peer);
    world.answerWith('peer');
    await world.database(true);
    return world;
  }

  /** Which region Route 53's name servers name. */
  answerWith(region: 'own' | 'peer'): void {
    this.dns.cnames.set(this.names.public, this.names[region]);
  }

  async database(answers: boolean): Promise<void> {
    const before = this.#database;
    this.#database = undefined;
    if (before) {
      before.close();
      await once(before, 'close');
    }
    if (!answers) return;
    this.#database = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('S'));
    }).listen(this.databaseAt.port, this.databaseAt.host);
    await once(this.#database, 'listening');
  }

  /** The peer region goes, its database with it unless said otherwise. */
  async losePeer(databaseToo = true): Promise<void> {
    await this.doors.peer.stop();
    if (databaseToo) await this.database(false);
  }

  async stop(): Promise<void> {
    this.dns.stop();
    await Promise.all([...Object.values(this.doors).map((door) => door.stop()), this.database(false)]);
  }
}
