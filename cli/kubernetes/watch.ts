import { lookup, Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';
import { z } from 'zod';
import { readConfigOrExit } from '../../apps/reference/config';
import { roundSeconds } from '../../environments/autopilot';
import { ClusterLookout } from '../../failover/autopilot/cluster';
import { OwnPostgres } from '../../failover/autopilot/cluster-database';
import { takeOverCluster } from '../../failover/autopilot/cluster-take-over';
import { sight } from '../../failover/autopilot/sighting';
import { watch } from '../../failover/autopilot/watch';
import { StandingDns } from '../../twin/dns/standing-client';
import { exitCodeOf, interruptible } from '../exit';

const text = (expected: string) => z.string({ error: expected }).min(1, expected);
const seconds = text('seconds').transform(Number).pipe(z.number());

/** What modules/autopilot/kubernetes.ts gives the program. */
const variables = z.object({
  ENVIRONMENT: text('an environment'),
  REGION: text('the region that it runs in, and would make active'),
  PEER_REGION: text('the other region'),
  MODE: z.enum(['observe', 'act'], { error: 'observe or act' }),
  WINDOW_SECONDS: seconds,
  PATIENCE_SECONDS: seconds,
  GAP_SECONDS: seconds,
  RPO_SECONDS: seconds,
  PUBLIC_NAME: text('the failover name'),
  OWN_HEALTH_URL: text('what Route 53 asks of this region'),
  PEER_HEALTH_URL: text('what Route 53 asks of the other region'),
  PEER_DATABASE_PORT: text('a TCP port').transform(Number),
  PODS_NAME: text('a name with the address of each of the workload’s pods'),
  LEAST_PODS: text('how many pods of the workload there should be').transform(Number),
  DNS_SERVER: text('an address and a port'),
  CONTROL_URL: text('where the name server takes commands'),
  CONTROL_TOKEN: text('what the name server wants to be shown'),
  DATABASE_URL: text('the region’s own PostgreSQL'),
  PORT: text('a TCP port').default('8080').transform(Number),
});

/** The autopilot of an environment on clusters, as a program of the workload's image: `tandem watch` without AWS. */
async function main(): Promise<void> {
  const config = readConfigOrExit(variables);
  const { ENVIRONMENT: environment, REGION: region, PEER_REGION: peer, MODE: mode } = config;
  const { signal, by } = interruptible();
  // Milliseconds: two tries are over well within a round.
  const resolver = new Resolver({ timeout: 700, tries: 2 });
  resolver.setServers([config.DNS_SERVER]);
  const control = { control: config.CONTROL_URL, token: config.CONTROL_TOKEN };
  const dns = new StandingDns(environment, () => control);
  const database = new OwnPostgres(config.DATABASE_URL);
  const lookout = new ClusterLookout({
    region,
    peer,
    publicName: config.PUBLIC_NAME,
    resolver,
    dns,
    health: { own: config.OWN_HEALTH_URL, peer: config.PEER_HEALTH_URL },
    peerDatabasePort: config.PEER_DATABASE_PORT,
    database,
    // By the cluster's own names, which the search path completes.
    pods: async () => (await lookup(config.PODS_NAME, { all: true })).map(({ address }) => address),
    leastPods: config.LEAST_PODS,
  });
  const log = (line: Readonly<Record<string, unknown>>) =>
    console.log(JSON.stringify({ time: new Date().toISOString(), environment, region, ...line }));
  const timing = {
    window: config.WINDOW_SECONDS,
    patience: config.PATIENCE_SECONDS,
    gap: config.GAP_SECONDS,
    rpo: config.RPO_SECONDS,
  };
  const shown = { asks: false, lookedAtMs: -Infinity };
  const page = serve(config.PORT, shown);
  log({ event: 'started', mode, timing });
  await watch({
    mode,
    timing,
    look: async (within) => {
      const sighting = await sight(lookout.looks(), within);
      shown.lookedAtMs = performance.now();
      return sighting;
    },
    report: (asks) => {
      shown.asks = asks;
      return Promise.resolve();
    },
    failover: takeOverCluster({ dns, database, region, peer, log }),
    log,
    signal,
  });
  page.close();
  const interruption = by();
  if (interruption) process.exitCode = exitCodeOf[interruption];
}

/** What Prometheus reads of it, and what the kubelet asks: it is well while it looks. */
function serve(port: number, shown: { readonly asks: boolean; readonly lookedAtMs: number }) {
  const page = createServer((asked, answer) => {
    if (asked.url === '/metrics') {
      answer
        .writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
        .end(`# TYPE tandem_autopilot_asks gauge\ntandem_autopilot_asks ${shown.asks ? 1 : 0}\n`);
      return;
    }
    const looks = performance.now() - shown.lookedAtMs < 3 * roundSeconds * 1000;
    answer.writeHead(looks ? 200 : 503).end();
  });
  return page.listen(port);
}

main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exit(1);
});
