import { Pool } from 'pg';

/** Pools never throw by themselves: a database that dies under an idle connection is no reason to die with it. */
export function createPool(
  url: string,
  limits: { readonly max: number; readonly statementTimeoutMs: number },
): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'tandem-workload',
    max: limits.max,
    connectionTimeoutMillis: 1000,
    statement_timeout: limits.statementTimeoutMs,
    // A frozen server or a cut network can't end its statement itself.
    query_timeout: limits.statementTimeoutMs + 500,
    keepAlive: true,
  });
  const ignore = () => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}
