import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from '../../lib/wait';
import { postgresIdentity } from '../../twin/unix-identity';

const scripts = 'modules/postgres/kubernetes';
const identity = postgresIdentity();

/** Where PostgreSQL's programs are: all of them, which the twin's binaries are not. */
function programs(): string | undefined {
  const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  return [stdout.trim(), ...(process.env['PATH'] ?? '').split(':')].find(
    (folder) =>
      folder &&
      ['initdb', 'pg_basebackup', 'pg_rewind', 'psql'].every((name) => existsSync(join(folder, name))),
  );
}

const bin = programs();
/** What is missing, and how to get it. */
export const lack =
  bin === undefined
    ? 'no pg_basebackup, pg_rewind and psql: install PostgreSQL 15 or later, with pg_config'
    : undefined;

/** What a region's pod has: its volume, the files of its ConfigMap, certificates, a socket. */
export class PreparedRegion {
  #server: ChildProcess | undefined;
  readonly folder: string;

  constructor(
    base: string,
    readonly name: string,
    readonly address: string,
    readonly peerAddress: string,
    readonly port: number,
  ) {
    this.folder = join(base, name);
    for (const folder of ['volume', 'run']) mkdirSync(join(this.folder, folder), { recursive: true });
    own(this.folder, join(this.folder, 'volume'), join(this.folder, 'run'));
  }

  get data(): string {
    return join(this.folder, 'volume', 'pgdata');
  }

  /** Runs prepare.sh as the init container does, and gives its last line. */
  prepare(
    role: string,
    generation: number,
    patienceMs = 30_000,
  ): { readonly status: number | null; readonly said: string } {
    const { status, stdout } = spawnSync('sh', [join(scripts, 'prepare.sh')], {
      ...identity,
      encoding: 'utf8',
      // One that waits for its peer would wait for ever.
      timeout: patienceMs,
      env: {
        ...environment(),
        PGDATA: this.data,
        ROLE: role,
        GENERATION: String(generation),
        SLOT: `region_${this.name}`,
        PEER_HOSTS: this.peerAddress,
        PEER_PORT: String(this.port),
        TANDEM_PASSWORD: 'of-the-application',
        AUTOPILOT_PASSWORD: 'of-the-autopilot',
        REPLICATOR_PASSWORD: 'of-replication',
        CONFIG: join(this.folder, '..', 'configuration'),
        CA: join(this.folder, '..', 'server.crt'),
        PGPASSFILE: join(this.folder, 'run', 'passwords'),
        SOCKETS: join(this.folder, 'run'),
      },
    });
    return { status, said: stdout.trim().split('\n').at(-1) ?? '' };
  }

  async start(): Promise<void> {
    const base = join(this.folder, '..');
    const settings = {
      listen_addresses: this.address,
      port: this.port,
      unix_socket_directories: join(this.folder, 'run'),
      hba_file: join(base, 'configuration', 'pg_hba.conf'),
      ident_file: join(base, 'configuration', 'pg_ident.conf'),
      ssl: 'on',
      ssl_cert_file: join(base, 'server.crt'),
      ssl_key_file: join(base, 'server.key'),
      primary_slot_name: `region_${this.name}`,
      primary_conninfo: `host=${this.peerAddress} port=${this.port} user=replicator sslmode=verify-ca sslrootcert=${join(base, 'server.crt')} passfile=${join(this.folder, 'run', 'passwords')}`,
      wal_retrieve_retry_interval: '200ms',
      shared_buffers: '16MB',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#server = spawn(join(bin ?? '', 'postgres'), ['-D', this.data, ...args], {
      ...identity,
      env: environment(),
      stdio: 'ignore',
    });
    await until(`${this.name} to answer`, () => this.sql('select 1') === '1');
  }

  /** As a node that is lost: nothing is written any more. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server?.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    // As in the pod, whose next postmaster has the same process id.
    rmSync(join(this.data, 'postmaster.pid'), { force: true });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server?.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
  }

  sql(statement: string): string {
    const args = [
      '-h',
      join(this.folder, 'run'),
      '-p',
      String(this.port),
      '-U',
      'postgres',
      '-qAt',
      '-c',
      statement,
      'tandem',
    ];
    return execFileSync(join(bin ?? '', 'psql'), args, {
      ...identity,
      env: environment(),
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  }
}

const environment = () => ({ PATH: `${bin ?? ''}:${process.env['PATH'] ?? ''}`, HOME: '/', LC_ALL: 'C' });

function own(...paths: readonly string[]): void {
  if (identity) for (const path of paths) chownSync(path, identity.uid, identity.gid);
}

/** @throws TandemError BudgetExceeded */
export const until = (what: string, condition: () => boolean) =>
  waitFor({ what, budget: { name: 'test', seconds: 20 }, next: 'read the log', everyMs: 100 }, () =>
    Promise.resolve(condition() || undefined),
  );

/** What both regions' pods are given: the configuration, and a certificate that is its own authority. */
export function shared(base: string): void {
  own(base);
  cpSync(scripts, join(base, 'configuration'), { recursive: true });
  // In the pod the superuser is known by the socket; here the operating system has another name for it.
  const hba = join(base, 'configuration', 'pg_hba.conf');
  writeFileSync(hba, readFileSync(hba, 'utf8').replaceAll(/peer.*$/gm, 'trust'));
  const [key, certificate] = [join(base, 'server.key'), join(base, 'server.crt')];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
  ];
  execFileSync('openssl', [...args, '-subj', '/CN=postgres', '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
  own(key, certificate);
}
