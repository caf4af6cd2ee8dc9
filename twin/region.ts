import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { reasonOf, TandemError } from '../lib/errors';
import { waitFor } from '../lib/wait';
import type { RegionAddresses } from './addresses';
import { budgets } from './budgets';
import { Cache } from './cache';
import { Postgres, type Upstream } from './postgres';
import type { PostgresBinaries } from './postgres-binaries';
import type { RunFolder } from './run-folder';
import { Supervised } from './supervised';
import { postgresIdentity } from './unix-identity';

export interface RegionOptions {
  readonly folder: RunFolder;
  readonly name: string;
  readonly addresses: RegionAddresses;
  readonly ports: { readonly workload: number; readonly postgres: number; readonly cache: number };
  readonly binaries: PostgresBinaries;
  readonly cacheServer: string | undefined;
  readonly password: string;
  /** What the workload is told beside its database and cache: witness, peer, DNS. Asked at every start. */
  readonly workloadEnv: () => Readonly<Record<string, string>>;
}

/** What the workload says of itself at /ready, as far as it matters here. */
const readiness = z.object({ writable: z.boolean() });

/** One region of real processes: a database, a cache where there is one, two workload processes. */
export class Region {
  readonly name: string;
  generation = 0;
  #postgres: Postgres | undefined;
  readonly #cache: Cache | undefined;
  #workloads: readonly Supervised[] = [];

  constructor(readonly options: RegionOptions) {
    this.name = options.name;
    const { folder, cacheServer, addresses, ports } = options;
    this.#cache =
      cacheServer === undefined
        ? undefined
        : new Cache({
            folder,
            server: cacheServer,
            name: `${this.name}-cache`,
            address: addresses.data,
            port: ports.cache,
          });
  }

  get postgres(): Postgres {
    if (this.#postgres) return this.#postgres;
    throw new TandemError('ProcessDied', {
      found: `${this.name} has no database yet`,
      expected: 'that createPrimary or rebuildFrom ran first',
      next: 'report this with the evidence: it is a mistake of Tandem',
    });
  }

  async createPrimary(): Promise<void> {
    await this.#nextGeneration().initialize();
  }

  /**
   * The next generation of this region's database, as a standby of `source`; running and streaming afterwards. The
   * generation before it ends; its data stays until the run is over, as a final snapshot would.
   */
  async rebuildFrom(source: Region, link: { readonly host: string; readonly port: number }): Promise<void> {
    const upstream: Upstream = { ...link, slot: this.name.replaceAll('-', '_') };
    await this.#postgres?.kill();
    const standby = this.#nextGeneration();
    await standby.restoreFrom(source.postgres, upstream);
    await standby.start();
    await waitFor(
      {
        what: `${this.name} to stream from ${source.name}`,
        budget: budgets.replicationStreaming,
        next: 'run the command again; the database logs are in the error if one died',
        signal: this.options.folder.ended,
      },
      async () => {
        const [row] = await source.postgres.query<{ streaming: boolean }>(
          `select exists (select from pg_stat_replication
             where application_name = '${upstream.slot}' and state = 'streaming') as streaming`,
        );
        return row?.streaming || undefined;
      },
    );
  }

  async migrate(): Promise<void> {
    try {
      await promisify(execFile)(process.execPath, [program('migrate')], {
        cwd: this.options.folder.path,
        env: { PATH: process.env['PATH'], DATABASE_URL: this.postgres.url },
        timeout: budgets.migrate.seconds * 1000,
      });
    } catch (cause) {
      throw new TandemError('ProcessDied', {
        found: `the migrations of ${this.name} failed: ${reasonOf(cause)}`,
        expected: 'exit code 0',
        next: 'mend what the message names and run the command again',
        cause,
      });
    }
  }

  /** Starts the cache and the workload beside a running database. */
  async startServices(): Promise<void> {
    const { folder, addresses, ports } = this.options;
    await this.#cache?.start();
    const cwd = join(folder.path, this.name);
    await mkdir(cwd, { recursive: true });
    this.#workloads = addresses.workloads.map((address, index) => {
      const name = `${this.name}-workload-${index + 1}`;
      return new Supervised(folder, {
        name,
        command: process.execPath,
        args: [program('workload')],
        cwd,
        log: join(folder.path, `${name}.log`),
        env: {
          NODE_ENV: 'production',
          HOST: address,
          PORT: String(ports.workload),
          REGION: this.name,
          DATABASE_URL: this.postgres.url,
          ...(this.#cache && { VALKEY_URL: this.#cache.url }),
          ...this.options.workloadEnv(),
        },
      });
    });
    await Promise.all(
      addresses.workloads.map((address, index) =>
        waitFor(
          {
            what: `${this.name}-workload-${index + 1} to answer /health`,
            budget: budgets.workloadStart,
            next: 'look for a machine short of CPU or memory, and run the command again',
            signal: folder.ended,
          },
          async () => {
            this.#workloads[index]?.assertRunning();
            const response = await fetch(`http://${address}:${ports.workload}/health`);
            return response.ok || undefined;
          },
        ),
      ),
    );
  }

  /** As AWS brings a region back: same data, same settings, nobody told it anything. */
  async comeBack(): Promise<void> {
    await this.postgres.start();
    await this.startServices();
  }

  /** Whether any workload process would take a write now; one that does not answer would not. */
  async takesWrites(): Promise<boolean> {
    const { addresses, ports } = this.options;
    const answers = await Promise.allSettled(
      addresses.workloads.map(async (address) => {
        const response = await fetch(`http://${address}:${ports.workload}/ready`, {
          signal: AbortSignal.timeout(1000),
        });
        return readiness.parse(await response.json()).writable;
      }),
    );
    return answers.some((answer) => answer.status === 'fulfilled' && answer.value);
  }

  /** SIGKILL for every process of the region, all at once. */
  async kill(): Promise<void> {
    await Promise.all([
      ...this.#workloads.map((workload) => workload.kill()),
      this.#cache?.kill(),
      this.#postgres?.kill(),
    ]);
  }

  /** Graceful end of the workload and the cache: the region's last act in a run. */
  async stop(): Promise<void> {
    await Promise.all(this.#workloads.map((workload) => workload.stop('SIGTERM', 3)));
    await this.kill();
  }

  #nextGeneration(): Postgres {
    const { folder, addresses, ports, binaries, password } = this.options;
    this.generation += 1;
    this.#postgres = new Postgres({
      folder,
      data: join(folder.path, `${this.name}-postgres-g${this.generation}`),
      name: `${this.name}-postgres-g${this.generation}`,
      address: addresses.data,
      port: ports.postgres,
      binaries,
      identity: postgresIdentity(),
      password,
    });
    return this.#postgres;
  }
}

/** A program of the build; this file runs as dist/tandem.js or, under test, as twin/region.ts: one folder deep both. */
function program(name: 'workload' | 'migrate'): string {
  const path = join(__dirname, '..', 'dist', `${name}.js`);
  if (existsSync(path)) return path;
  throw new TandemError('BuildMissing', {
    found: `no ${path}`,
    expected: 'the output of the build',
    next: 'run: npm run build',
  });
}
