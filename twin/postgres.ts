import { execFile } from 'node:child_process';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type QueryResultRow } from 'pg';
import { reasonOf, TandemError } from '../lib/errors';
import { waitFor } from '../lib/wait';
import { copyDataFolder } from './base-backup';
import { budgets } from './budgets';
import type { PostgresBinaries } from './postgres-binaries';
import type { RunFolder } from './run-folder';
import { Supervised } from './supervised';
import type { UnixIdentity } from './unix-identity';

export interface PostgresOptions {
  readonly folder: RunFolder;
  /** Where its data lives; carries the generation, as a physical name does. */
  readonly data: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly binaries: PostgresBinaries;
  readonly identity: UnixIdentity | undefined;
  /** Of the superuser, the replication role and the workload's role. */
  readonly password: string;
}

/** Where a standby streams from, and the slot that holds WAL for it there. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly slot: string;
}

/**
 * One PostgreSQL instance: `initialize` or `restoreFrom` once, then `start`, `kill` and `start` again at will.
 * Settings go on the command line, so a base backup never carries one instance's settings to another.
 */
export class Postgres {
  #process: Supervised | undefined;
  #upstream: Upstream | undefined;

  constructor(readonly options: PostgresOptions) {}

  get url(): string {
    const { address, port, password } = this.options;
    return `postgres://tandem:${password}@${address}:${port}/tandem`;
  }

  /** A new, empty cluster with the workload's database in it; running afterwards. */
  async initialize(): Promise<void> {
    const { data, binaries, identity, password } = this.options;
    await this.#makeDataFolder();
    const passwordFile = `${data}.password`;
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (identity) await chown(passwordFile, identity.uid, identity.gid);
    const args = [
      '--pgdata',
      data,
      '--username',
      'postgres',
      '--pwfile',
      passwordFile,
      '--auth',
      'scram-sha-256',
    ];
    const options = { cwd: data, timeout: budgets.postgresInitialize.seconds * 1000, ...(identity ?? {}) };
    try {
      await promisify(execFile)(
        binaries.initdb,
        [...args, '--encoding', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions'],
        options,
      );
    } catch (cause) {
      throw new TandemError('ProcessDied', {
        found: `initdb of ${this.options.name}: ${reasonOf(cause)}`,
        expected: 'a new database cluster',
        next: 'free disk space or memory if its message says so, and run the command again',
        cause,
      });
    } finally {
      await rm(passwordFile, { force: true });
    }
    await writeFile(
      join(data, 'pg_hba.conf'),
      'host all all 127.0.0.0/8 scram-sha-256\nhost replication replicator 127.0.0.0/8 scram-sha-256\n',
    );
    await this.start();
    await this.query(`create role replicator replication login password '${password}'`);
    await this.query(`create role tandem login password '${password}'`);
    await this.query('create database tandem owner tandem');
  }

  /** Replaces this instance's data by a base backup of `source`, to stream from `upstream` when started. */
  async restoreFrom(source: Postgres, upstream: Upstream): Promise<void> {
    await this.#makeDataFolder();
    await source.query(
      `select pg_create_physical_replication_slot('${upstream.slot}', true)
       where not exists (select from pg_replication_slots where slot_name = '${upstream.slot}')`,
    );
    const { data, identity } = this.options;
    const label = await source.#withClient(async (client) => {
      await client.query(`select pg_backup_start('tandem', true)`);
      await copyDataFolder(source.options.data, data, identity);
      const { rows } = await client.query<{ labelfile: string }>(
        'select labelfile from pg_backup_stop(false)',
      );
      return rows[0]?.labelfile ?? '';
    });
    for (const [file, text] of [
      ['backup_label', label],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(join(data, file), text, { mode: 0o600 });
      if (identity) await chown(join(data, file), identity.uid, identity.gid);
    }
    this.#upstream = upstream;
  }

  /** @throws TandemError ProcessDied, BudgetExceeded */
  async start(): Promise<void> {
    const { folder, data, name, binaries, identity } = this.options;
    // A killed postmaster leaves its lock; under another PID the check for it would only cost time.
    await rm(join(data, 'postmaster.pid'), { force: true });
    const started = new Supervised(folder, {
      name,
      command: binaries.postgres,
      args: [
        '-D',
        data,
        ...Object.entries(this.#settings()).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ],
      cwd: data,
      log: `${data}.log`,
      identity,
    });
    this.#process = started;
    await waitFor(
      {
        what: `${name} to accept connections`,
        budget: budgets.postgresStart,
        next: 'look for a machine short of CPU or memory, and run the command again',
        signal: folder.ended,
      },
      async () => {
        started.assertRunning();
        return this.query('select 1');
      },
    );
  }

  async promote(): Promise<void> {
    await this.query(`select pg_promote(true, ${budgets.postgresPromote.seconds})`);
    this.#upstream = undefined;
  }

  async version(): Promise<string> {
    const [row] = await this.query<{ server_version: string }>('show server_version');
    return row?.server_version ?? 'unknown';
  }

  /** Bytes of WAL that this standby has yet to replay of what `primary` has written. */
  async lagBehind(primary: Postgres): Promise<number> {
    const [written] = await primary.query<{ lsn: string }>('select pg_current_wal_lsn() as lsn');
    const [replayed] = await this.query<{ lag: string }>(
      `select greatest(0, '${written?.lsn ?? '0/0'}'::pg_lsn - pg_last_wal_replay_lsn()) as lag`,
    );
    return Number(replayed?.lag ?? Number.NaN);
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async query<Row extends QueryResultRow>(sql: string): Promise<readonly Row[]> {
    return this.#withClient(async (client) => (await client.query<Row>(sql)).rows);
  }

  async #withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const { address, port, password } = this.options;
    const client = new Client({
      host: address,
      port,
      user: 'postgres',
      password,
      connectionTimeoutMillis: 2000,
      query_timeout: 30_000,
    });
    // A server that is killed under an idle client is what the twin does on purpose.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await use(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async #makeDataFolder(): Promise<void> {
    const { data, identity } = this.options;
    await rm(data, { recursive: true, force: true });
    await mkdir(data, { recursive: true, mode: 0o700 });
    if (identity) await chown(data, identity.uid, identity.gid);
  }

  #settings(): Readonly<Record<string, string | number>> {
    const { address, port, name, password } = this.options;
    return {
      listen_addresses: address,
      port,
      unix_socket_directories: '',
      cluster_name: name,
      max_connections: 60,
      shared_buffers: '32MB',
      max_slot_wal_keep_size: '1GB',
      // The default of 5 s is what a promotion sometimes waits for (wal_retrieve_retry_interval).
      wal_retrieve_retry_interval: '200ms',
      wal_receiver_status_interval: '1s',
      ...(this.#upstream && {
        primary_conninfo: `host=${this.#upstream.host} port=${this.#upstream.port} user=replicator password=${password} application_name=${this.#upstream.slot}`,
        primary_slot_name: this.#upstream.slot,
      }),
    };
  }
}
