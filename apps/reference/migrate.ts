import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { migrationVariables, readConfigOrExit } from './config';
import data from './migrations/001_data.sql';

/** In order; a file that was applied anywhere never changes: what comes next is a new file. */
const migrations = [{ version: 1, name: 'data', sql: data }] as const;

// Any number, as long as nothing else of this database takes it.
const advisoryLock = 7_266_833;

async function migrate(client: Client): Promise<void> {
  const standby = await client.query<{ is: boolean }>('SELECT pg_is_in_recovery() AS is');
  if (standby.rows[0]?.is) {
    console.log('This database is a standby: it gets its schema by replication. Nothing to do.');
    return;
  }
  // Held until the connection ends, so that of several at once one works and the others then find it done.
  await client.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
  await client.query(`
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
  const { rows } = await client.query<{ version: number; checksum: string }>(
    'SELECT version, checksum FROM schema_migrations',
  );
  const applied = new Map(rows.map(({ version, checksum }) => [version, checksum]));
  for (const { version, name, sql } of migrations) {
    const checksum = createHash('sha256').update(sql).digest('hex');
    const known = applied.get(version);
    if (known === checksum) continue;
    if (known !== undefined) {
      throw new ChecksumError(
        `Migration ${version} (${name}) was applied with checksum ${known}, the file now has ${checksum}: ` +
          'restore the file and put the change in a new one.',
      );
    }
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)', [
      version,
      name,
      checksum,
    ]);
    await client.query('COMMIT');
    console.log(`Applied migration ${version} (${name}).`);
  }
  console.log(`The schema is at version ${Math.max(...migrations.map(({ version }) => version))}.`);
}

class ChecksumError extends Error {}

async function main(): Promise<void> {
  const { DATABASE_URL } = readConfigOrExit(migrationVariables);
  const client = new Client({
    connectionString: DATABASE_URL,
    application_name: 'tandem-migrate',
    connectionTimeoutMillis: 5000,
    lock_timeout: 60_000,
  });
  try {
    await client.connect();
    await migrate(client);
  } finally {
    // Ending the connection rolls back a transaction under way and gives the advisory lock back.
    await client.end();
  }
}

main().catch((thrown: unknown) => {
  console.error(
    `The migration failed: ${thrown instanceof Error ? thrown.message || String(thrown) : String(thrown)}`,
  );
  process.exitCode = 1;
});
