import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Clients, type Observation } from '../../failover/clients';
import { Ledger } from '../../failover/ledger';

/** Who answers on the port: a status, and the region that it says it is. */
interface Answers {
  readonly status: number;
  readonly region?: string;
}

describe('what a client makes of an answer', () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const observe = async (kind: 'write' | 'read', { status, region }: Answers) => {
    server = createServer((_request, response) => {
      response.writeHead(status, region === undefined ? {} : { 'x-tandem-region': region }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = portOf(server.address());
    const ledger = new Ledger();
    const seen: Observation[] = [];
    await new Promise<void>((resolve) => {
      const clients = new Clients({
        endpoint: { host: 'app.tandem.example', port, via: { addresses: ['127.0.0.1'] } },
        ledger,
        clock: { now: () => performance.now() },
        name: 'test',
        writers: kind === 'write' ? 1 : 0,
        readers: kind === 'read' ? 1 : 0,
        paceMs: 5,
        observe: (observation) => {
          seen.push(observation);
          if (seen.length === 2) void clients.stop().then(resolve);
        },
      });
    });
    const { acknowledged } = await ledger.compare(() => Promise.resolve(new Set()));
    return { outcome: seen[0]?.outcome, reason: seen[0]?.reason, acknowledged: acknowledged > 0 };
  };

  it.each([
    ['a write that a region took', 'write', { status: 201, region: 'us-east-1' }, 'acknowledged', true],
    ['a write that a region does not know', 'write', { status: 404, region: 'us-east-1' }, 'refused', false],
    ['a write that a stranger does not know', 'write', { status: 404 }, 'failed', false],
    ['a write that a stranger took', 'write', { status: 201 }, 'failed', false],
    [
      'a read that a region has not replayed',
      'read',
      { status: 404, region: 'us-east-1' },
      'acknowledged',
      false,
    ],
    ['a read that a stranger does not know', 'read', { status: 404 }, 'failed', false],
  ] as const)('%s', async (_, kind, answers, outcome, acknowledged) => {
    expect(await observe(kind, answers)).toMatchObject({ outcome, acknowledged });
  });
});

function portOf(address: AddressInfo | string | null): AddressInfo {
  if (typeof address === 'object' && address) return address;
  throw new TypeError('it listens on a port');
}
