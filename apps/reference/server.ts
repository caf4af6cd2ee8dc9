import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './app';
import { Cache } from './cache';
import { cacheTokens } from './cache-token';
import { readConfigOrExit, type ServerConfig, serverVariables } from './config';
import { createPool } from './database';
import { Gate } from './gate';
import { Metrics } from './metrics';
import { lookAtDatabase, lookAtPeer, lookAtWitness, untilKnown, watch } from './observers';
import { dataRoutes } from './routes/data';
import { healthRoutes } from './routes/health';
import { Store } from './store';
import { WriteGuard } from './write-guard';

/** How long requests under way may take after SIGTERM, and connections to end after them. */
const drainMs = 5000;
const closeMs = 1000;

/** A look is overdue after two intervals and what a look that gets no answer may take. */
const overdueLooks = 2;
const looksMayTakeMs = 2000;

/** How long somebody who does not answer the first looks keeps the process from listening. */
const firstLooksMs = 3000;

async function serve(): Promise<void> {
  const config = readConfigOrExit(serverVariables);
  const metrics = new Metrics();
  const app = await createApp(config.REGION, config.LOG_LEVEL, metrics);

  const slowestMs = Math.max(config.WITNESS_INTERVAL_MS, config.ROLE_INTERVAL_MS);
  const gate = new Gate(config.REGION_NAME, overdueLooks * slowestMs + looksMayTakeMs, (state, inputs) =>
    app.log.info({ ...state, inputs }, 'gate changed'),
  );
  const pool = createPool(config.DATABASE_URL, { max: config.DATABASE_POOL_MAX, statementTimeoutMs: 5000 });
  // Of its own, so that a busy pool is never taken for a dead database.
  const observerPool = createPool(config.DATABASE_URL, { max: 1, statementTimeoutMs: 1000 });
  const cache = new Cache(cacheServer(config), config.CACHE_TTL_SECONDS, metrics);
  metrics.watchGate(gate);
  metrics.watchPool(pool);
  healthRoutes(app, config.REGION, gate, cache, metrics);
  dataRoutes(app, new Store(pool, new WriteGuard(gate, config.REGION, metrics)), cache);

  const resolver = new Resolver({ timeout: 500, tries: 1 });
  if (config.DNS_SERVER !== undefined) resolver.setServers([config.DNS_SERVER]);
  const stopped = new AbortController();
  const { WITNESS_NAME, WITNESS_INTERVAL_MS, PEER_URL, ROLE_INTERVAL_MS } = config;
  void watch(ROLE_INTERVAL_MS, stopped.signal, () => lookAtDatabase(observerPool, gate));
  void watch(WITNESS_INTERVAL_MS, stopped.signal, () => lookAtWitness(resolver, WITNESS_NAME, gate));
  void watch(WITNESS_INTERVAL_MS, stopped.signal, () => lookAtPeer(resolver, PEER_URL, gate));

  // A client that keeps its connection comes back on another, before this one closes under its next request.
  const leaving = new AbortController();
  app.addHook('onRequest', async (_request, reply) => {
    if (leaving.signal.aborted) void reply.header('connection', 'close');
  });
  const shutDown = async (signal: NodeJS.Signals) => {
    app.log.info({ signal }, 'shutting down');
    leaving.abort();
    await sleep(config.LINGER_MS);
    const abandon = setTimeout(() => app.server.closeAllConnections(), drainMs);
    await app.close();
    clearTimeout(abandon);
    stopped.abort();
    cache.close();
    // A frozen database never says goodbye.
    await Promise.race([Promise.all([pool.end(), observerPool.end()]), sleep(closeMs)]);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutDown(signal));

  // Who listens gets traffic: by now it knows what its region may do.
  await untilKnown(gate, firstLooksMs);
  if (!leaving.signal.aborted) await app.listen({ host: config.HOST, port: config.PORT });
}

function cacheServer({
  VALKEY_URL: url,
  VALKEY_SHARDED: sharded,
  VALKEY_IAM_CLUSTER: cluster,
  REGION,
}: ServerConfig) {
  if (url === undefined) return undefined;
  const user = decodeURIComponent(new URL(url).username);
  return {
    url,
    sharded,
    ...(cluster !== undefined && { token: cacheTokens({ cluster, user, region: REGION }) }),
  };
}

serve().catch((thrown: unknown) => {
  console.error(thrown);
  process.exit(1);
});
