import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { TandemError } from '../lib/errors';

/** A region's addresses on loopback: its load balancer answers one a zone, a workload process behind each. */
export interface RegionAddresses {
  readonly workloads: readonly [string, string];
  readonly data: string;
}

export interface Addresses {
  readonly regions: readonly [RegionAddresses, RegionAddresses];
  readonly dns: string;
  /** The one port that workloads listen on, on every address: it stands for 443. */
  readonly workloadPort: number;
  readonly postgresPort: number;
  readonly cachePort: number;
}

/**
 * Picks a free corner of 127.0.0.0/8, so that two drills at once and whatever else runs here never meet.
 * @param pick chooses the next candidate; tests replace it
 * @throws TandemError PortUnavailable when 50 corners in a row are taken
 */
export async function pickAddresses(pick = randomCorner): Promise<Addresses> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { subnet, port } = pick();
    const region = (host: number): RegionAddresses => ({
      workloads: [`${subnet}.${host + 1}`, `${subnet}.${host + 2}`],
      data: `${subnet}.${host + 5}`,
    });
    const addresses: Addresses = {
      regions: [region(10), region(20)],
      dns: `${subnet}.53`,
      workloadPort: port,
      postgresPort: port + 1,
      cachePort: port + 2,
    };
    const wanted = addresses.regions.flatMap(({ workloads, data }) => [
      ...workloads.map((address) => [address, port] as const),
      [data, port + 1] as const,
      [data, port + 2] as const,
    ]);
    const free = await Promise.all(wanted.map(([address, wantedPort]) => isFree(address, wantedPort)));
    if (free.every(Boolean)) return addresses;
  }
  throw new TandemError('PortUnavailable', {
    found: '50 loopback addresses and ports, all in use',
    expected: 'three free ports between 20000 and 30000 on an address of 127.0.0.0/8',
    next: 'see what listens (ss -ltn), or run it in a network namespace or container of its own',
  });
}

/** Below Linux's ephemeral ports (32768 and up), so that no outgoing connection takes one in between. */
const randomCorner = (): { subnet: string; port: number } => ({
  subnet: `127.${randomInt(1, 255)}.${randomInt(1, 255)}`,
  port: randomInt(2000, 3000) * 10,
});

function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
