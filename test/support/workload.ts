import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { waitFor } from '../../lib/wait';
import { type Addresses, pickAddresses } from '../../twin/addresses';
import { Postgres } from '../../twin/postgres';
import { type PostgresBinaries, postgresBinaries } from '../../twin/postgres-binaries';
import { RunFolder } from '../../twin/run-folder';
import { postgresIdentity } from '../../twin/unix-identity';
import { TestDns } from './dns';

export const publicName = 'app.tandem.example';
export const nameOf = (region: string): string => `${region}.${publicName}`;

/** A built program running with nothing of the test's environment but PATH. */
export class Program {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  output = '';

  constructor(
    name: 'workload' | 'migrate' | 'watch',
    env: Readonly<Record<string, string>>,
    folder?: RunFolder,
  ) {
    const path = join(__dirname, '../../dist', `${name}.js`);
    this.#child = spawn(process.execPath, [path], { env: { PATH: process.env['PATH'], ...env } });
    this.#child.stdout?.on('data', (chunk) => (this.output += String(chunk)));
    this.#child.stderr?.on('data', (chunk) => (this.output += String(chunk)));
    this.#closed = once(this.#child, 'close');
    if (this.#child.pid !== undefined) folder?.register(this.#child.pid);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The exit code, null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }
}

/** Two regions as the workload sees them: databases, workloads, and the DNS between. */
export class Bench {
  readonly #programs: Program[] = [];

  private constructor(
    readonly folder: RunFolder,
    readonly addresses: Addresses,
    readonly dns: TestDns,
    readonly binaries: PostgresBinaries,
  ) {}

  static async create(): Promise<Bench> {
    const folder = await RunFolder.create();
    const [addresses, dns, binaries] = [
      await pickAddresses(),
      await TestDns.start(),
      await postgresBinaries(folder),
    ];
    dns.cnames.set(publicName, nameOf('us-east-1'));
    dns.addresses.set(nameOf('us-east-1'), addresses.regions[0].workloads[0]);
    dns.addresses.set(nameOf('us-west-2'), addresses.regions[1].workloads[0]);
    return new Bench(folder, addresses, dns, binaries);
  }

  postgres(region: 'us-east-1' | 'us-west-2'): Postgres {
    return new Postgres({
      folder: this.folder,
      data: join(this.folder.path, region),
      name: region,
      address: this.addresses.regions[region === 'us-east-1' ? 0 : 1].data,
      port: this.addresses.postgresPort,
      binaries: this.binaries,
      identity: postgresIdentity(),
      password: 'a-test-password',
    });
  }

  /** A migrated primary for us-east-1. */
  async primary(): Promise<Postgres> {
    const postgres = this.postgres('us-east-1');
    await postgres.initialize();
    const migration = new Program('migrate', { DATABASE_URL: postgres.url });
    expect({ exit: await migration.ended(), output: migration.output }).toMatchObject({ exit: 0 });
    return postgres;
  }

  /** A standby in us-west-2 that streams from `primary`. */
  async standbyOf(primary: Postgres): Promise<Postgres> {
    const standby = this.postgres('us-west-2');
    const { address, port } = primary.options;
    await standby.restoreFrom(primary, { host: address, port, slot: 'west' });
    await standby.start();
    return standby;
  }

  /** The region's workload, serving. */
  async workload(postgres: Postgres, more?: Readonly<Record<string, string>>): Promise<Workload> {
    const workload = this.start(postgres, more);
    await eventually('the workload to serve', async () => (await workload.get('/health')).status === 200);
    return workload;
  }

  /** The region's workload, perhaps not serving yet; observers look every 100 ms unless `more` says otherwise. */
  start(postgres: Postgres, more: Readonly<Record<string, string>> = {}): Workload {
    const region = postgres.options.name;
    const [own, peer] = region === 'us-east-1' ? ([0, 1] as const) : ([1, 0] as const);
    const [HOST] = this.addresses.regions[own].workloads;
    const PORT = String(this.addresses.workloadPort);
    const env = {
      HOST,
      PORT,
      REGION: region,
      DATABASE_URL: postgres.url,
      WITNESS_NAME: publicName,
      REGION_NAME: nameOf(region),
      PEER_URL: `http://${nameOf(['us-east-1', 'us-west-2'][peer] ?? '')}:${PORT}`,
      DNS_SERVER: this.dns.server,
      WITNESS_INTERVAL_MS: '100',
      ROLE_INTERVAL_MS: '100',
      ...more,
    };
    const program = new Program('workload', env, this.folder);
    this.#programs.push(program);
    return new Workload(program, HOST, Number(PORT));
  }

  /** Ends the workloads, so that the next test starts its own on the same addresses. */
  async stopWorkloads(): Promise<void> {
    for (const program of this.#programs.splice(0)) {
      program.signal('SIGKILL');
      await program.ended();
    }
  }

  async close(): Promise<void> {
    await this.stopWorkloads();
    this.dns.stop();
    await this.folder.remove();
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A running workload and the requests that a client makes. */
export class Workload {
  constructor(
    readonly program: Program,
    readonly host: string,
    readonly port: number,
  ) {}

  get = (path: string): Promise<Answer> => this.request('GET', path);
  delete = (path: string): Promise<Answer> => this.request('DELETE', path);
  post = (body: unknown): Promise<Answer> => this.request('POST', '/data', JSON.stringify(body));
  ready = (): Promise<Answer> => this.get('/ready');

  async request(method: string, path: string, body?: string): Promise<Answer> {
    const response = await fetch(`http://${this.host}:${this.port}${path}`, {
      method,
      ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Waits until /ready answers with these fields. */
  async untilReady(expected: Readonly<Record<string, unknown>>): Promise<void> {
    await eventually(`/ready to say ${JSON.stringify(expected)}`, async () => {
      const { body } = await this.ready();
      expect(body).toMatchObject(expected);
      return true;
    });
  }
}

/** Runs a statement as the workload's role in the workload's database. */
export async function sql(postgres: Postgres, statement: string): Promise<void> {
  const client = new Client(postgres.url);
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Waits for a condition; an error of it counts as "not yet". */
export async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  const budget = { name: 'test', seconds: 15 };
  await waitFor({ what, budget, next: 'read the output of the workload', everyMs: 20 }, async () =>
    (await condition()) ? true : undefined,
  );
}
