import { randomBytes } from 'node:crypto';
import { TandemError } from '../../lib/errors';
import { type Addresses, pickAddresses } from '../../twin/addresses';
import type { Route53 } from '../../twin/dns/route53';
import { postgresBinaries } from '../../twin/postgres-binaries';
import { Region } from '../../twin/region';
import type { RunFolder } from '../../twin/run-folder';

/** Two regions before anything runs in them. */
export interface Regions {
  readonly addresses: Addresses;
  readonly regions: Readonly<Record<string, Region>>;
}

/** What is there only while the pair is up. */
export interface Pair extends Regions {
  readonly route53: Route53;
}

interface RegionsOptions {
  readonly folder: RunFolder;
  readonly names: readonly [string, string];
  readonly publicName: string;
  readonly cacheServer: string | undefined;
  /** Asked when a workload starts: the DNS server comes up after the regions are made. */
  readonly dns: () => Route53;
}

/** Makes both regions, each knowing where the other answers. */
export async function newRegions(options: RegionsOptions): Promise<Regions> {
  const { folder, names, publicName, cacheServer, dns } = options;
  const binaries = await postgresBinaries(folder);
  const addresses = await pickAddresses();
  const password = randomBytes(16).toString('hex');
  const region = (name: string, index: 0 | 1): Region =>
    new Region({
      folder,
      name,
      addresses: addresses.regions[index],
      ports: {
        workload: addresses.workloadPort,
        postgres: addresses.postgresPort,
        cache: addresses.cachePort,
      },
      binaries,
      cacheServer,
      password,
      workloadEnv: () => ({
        WITNESS_NAME: publicName,
        REGION_NAME: `${name}.${publicName}`,
        PEER_URL: `http://${names[1 - index] ?? ''}.${publicName}:${addresses.workloadPort}`,
        DNS_SERVER: `${dns().address}:${dns().port}`,
      }),
    });
  return { addresses, regions: { [names[0]]: region(names[0], 0), [names[1]]: region(names[1], 1) } };
}

/** @throws TandemError RegionUnknown */
export function regionOf<T>(byRegion: Readonly<Record<string, T>>, name: string): T {
  const found = byRegion[name];
  if (found !== undefined) return found;
  throw new TandemError('RegionUnknown', {
    found: `no region ${name}`,
    expected: `one of ${Object.keys(byRegion).join(', ')}`,
    next: 'name one of the environment’s regions',
  });
}
