import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { createServer, type Server } from 'node:net';
import {
  answers,
  databaseAnswers,
  lookAtWitness,
  type Network,
  serves,
} from '../../failover/autopilot/network';
import { TestDns } from '../support/dns';
import { secureAgent, SecureServer } from '../support/secure-server';

const names = { own: 'us-west-2.app.tandem.example', peer: 'us-east-1.app.tandem.example' };
const never = new AbortController().signal;

let dns: TestDns;
let network: Network;
let region: SecureServer;
const servers: Server[] = [];

beforeEach(async () => {
  dns = await TestDns.start();
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([dns.server]);
  region = new SecureServer();
  const httpsPort = await region.start('127.0.0.1', 0);
  network = { resolver, agent: secureAgent(), httpsPort };
  dns.addresses.set(names.peer, '127.0.0.1');
});
afterEach(async () => {
  dns.stop();
  await region.stop();
  for (const server of servers.splice(0)) server.close();
});

describe('the witness', () => {
  const witness = () => lookAtWitness(network, 'app.tandem.example', names);

  it.each(['own', 'peer'] as const)('names the region that DNS answers with: %s', async (which) => {
    dns.cnames.set('app.tandem.example', names[which].toUpperCase());
    await expect(witness()).resolves.toBe(which);
  });

  it('is not known when DNS is silent, has no answer, or names something else', async () => {
    await expect(witness()).rejects.toThrow(/ENODATA|ENOTFOUND/);
    dns.cnames.set('app.tandem.example', 'elsewhere.example');
    await expect(witness()).rejects.toThrow('leads to elsewhere.example');
    dns.silent = true;
    await expect(witness()).rejects.toThrow('ETIMEOUT');
  });
});

describe('a region', () => {
  it.each([
    [200, true, true],
    [302, true, true],
    [404, false, true],
    [503, false, true],
    ['hang', false, false],
  ] as const)('that answers %s: serves %s, answers %s', async (answer, serving, answering) => {
    region.answer = answer;
    await expect(serves(network, names.peer, '/ready', never)).resolves.toBe(serving);
    await expect(answers(network, names.peer, never)).resolves.toBe(answering);
  });

  it('that refuses connections does not serve', async () => {
    await region.stop();
    await expect(serves(network, names.peer, '/ready', never)).resolves.toBe(false);
  });

  it('whose name has no answer is not known: that is the silence of DNS', async () => {
    dns.silent = true;
    await expect(serves(network, names.peer, '/ready', never)).rejects.toThrow('ETIMEOUT');
  });
});

describe('a database', () => {
  /** What a server says to whatever it is told; nothing at all when undefined. */
  const listening = async (says: string | undefined): Promise<number> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => says !== undefined && socket.write(says));
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const bound = server.address();
    return typeof bound === 'object' && bound ? bound.port : 0;
  };
  const asked = async (port: number) => databaseAnswers(network, { address: names.peer, port }, never);

  it('answers when it says whether it speaks TLS', async () => {
    await expect(asked(await listening('S'))).resolves.toBe(true);
  });

  it('does not answer when only its socket does, nor when nothing listens', async () => {
    await expect(asked(await listening(undefined))).resolves.toBe(false);
    await expect(asked(1)).resolves.toBe(false);
  });
});
