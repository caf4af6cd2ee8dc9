import { z } from 'zod';
import type { RegionRole } from '../../environments/roles';
import { kubectl } from '../../lib/command';
import { reasonOf, TandemError } from '../../lib/errors';
import { namespace } from '../../lib/in-cluster';

const named = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
});

/** Seconds after which an API server that says nothing counts as silent. */
const silentSeconds = 10;

const database = 'postgres-0';
/** The port of the workload's container, where the API server asks it. */
const workloadPort = 8080;
/** On the database's volume: which generation its data was made for (modules/postgres/kubernetes/prepare.sh). */
const madeFor = '/var/lib/postgresql/data/generation';

/** One region's cluster, asked and told through its API. Every method throws TandemError CommandFailed when it does not answer. */
export class Cluster {
  constructor(
    readonly region: string,
    private readonly context: string,
  ) {}

  async nodes(): Promise<readonly string[]> {
    return namesIn(await this.#run(['get', 'nodes', '--output', 'json']));
  }

  /** The lines that the statements print, run as superuser in the database's pod. */
  async sql(statement: string, seconds?: number): Promise<readonly string[]> {
    const psql = ['psql', '-U', 'postgres', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', statement];
    return (await this.#exec(database, 'postgres', psql, seconds)).trimEnd().split('\n');
  }

  async isStandby(): Promise<boolean> {
    return (await this.sql('select pg_is_in_recovery()'))[0] === 't';
  }

  /** Of a primary: the epoch in which it writes. */
  async timeline(): Promise<number> {
    const [name = ''] = await this.sql('select pg_walfile_name(pg_current_wal_lsn())');
    return Number.parseInt(name.slice(0, 8), 16);
  }

  /** Whether a standby streams from the database here. */
  async isStreamedFrom(): Promise<boolean> {
    const [streams] = await this.sql(
      `select exists (select from pg_stat_replication where state = 'streaming' and application_name <> 'pg_basebackup')`,
    );
    return streams === 't';
  }

  async postgresVersion(): Promise<string> {
    return (await this.sql('show server_version'))[0] ?? 'unknown';
  }

  async cacheVersion(): Promise<string> {
    const said = await this.#exec('valkey-0', 'valkey', ['valkey-server', '--version']);
    return `valkey-server ${/v=(\S+)/.exec(said)?.[1] ?? said.trim()}`;
  }

  /** Whether any workload pod takes writes, by its own word; one that clients reach and that can't be asked is an error, and not a no. */
  async takesWrites(): Promise<boolean> {
    const selected = ['--selector', 'app.kubernetes.io/name=workload', '--output', 'json'];
    const { items } = podList.parse(JSON.parse(await this.#run(['get', 'pods', ...selected])));
    const reached = items.filter(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    const answers = await Promise.all(
      reached.map(({ metadata: { name } }) =>
        this.#run([
          'get',
          '--raw',
          `/api/v1/namespaces/${namespace}/pods/${name}:${workloadPort}/proxy/metrics`,
        ]),
      ),
    );
    return answers.some((metrics) => /^tandem_region_writable 1$/m.test(metrics));
  }

  async promote(seconds: number): Promise<void> {
    const [promoted] = await this.sql(`select pg_promote(true, ${seconds})`, seconds + silentSeconds);
    if (promoted === 't') return;
    throw new TandemError('BudgetExceeded', {
      found: `PostgreSQL of ${this.region} was not promoted after ${seconds} s`,
      expected: `at most ${seconds} s`,
      next: `kubectl --context ${this.context} -n ${namespace} logs ${database}`,
    });
  }

  /** What Terraform declares of the database's role, changed in the way in which it would. */
  async declare({ role, generation }: RegionRole): Promise<void> {
    const data = { role, generation: String(generation) };
    const patch = ['--type', 'merge', '--patch', JSON.stringify({ data })];
    await this.#run(['patch', 'configmap', 'postgres-role', ...patch]);
  }

  /** Starts the database's pod anew, whose first step makes it what is declared, from its peer. */
  async rebuildDatabase(): Promise<void> {
    await this.#exec(database, 'postgres', ['rm', '-f', madeFor]);
    await this.#run(['delete', 'pod', database, '--wait=true'], 60);
  }

  /** By what the database's pod was made what it is, by its own word. */
  async rebuiltBy(): Promise<string> {
    const log = await this.#run(['logs', database, '--container', 'prepare', '--tail', '20']);
    return /rebuilt by (.+)/.exec(log)?.[1]?.trim() ?? 'nothing to copy';
  }

  async deletePods(): Promise<void> {
    await this.#run(['delete', 'pods', '--all', '--grace-period=0', '--force', '--wait=false']);
  }

  /**
   * SIGKILL for every backend. The first process of a container can't be killed from inside it: that one gets SIGQUIT, which for
   * PostgreSQL is to die without a word ("Shutting Down the Server", PostgreSQL documentation).
   */
  async killPostgres(): Promise<void> {
    // The shell may be killed with the rest, before it can say that it went well.
    const script = 'kill -QUIT 1; kill -KILL -1';
    await this.#exec(database, 'postgres', ['sh', '-c', script]).catch((thrown: unknown) => {
      if (!/ended with 137/.test(reasonOf(thrown))) throw thrown;
    });
  }

  async isReady(): Promise<boolean> {
    return (await this.#run(['get', '--raw', '/readyz'])).trim() === 'ok';
  }

  #exec(pod: string, container: string, args: readonly string[], seconds?: number): Promise<string> {
    return this.#run(['exec', pod, '--container', container, '--', ...args], seconds);
  }

  async #run(args: readonly string[], seconds = silentSeconds): Promise<string> {
    const all = ['--namespace', namespace, `--request-timeout=${seconds}s`, ...args];
    return kubectl(this.context, all, { signal: AbortSignal.timeout(seconds * 1000 + 1000) });
  }
}

const namesIn = (json: string): readonly string[] =>
  named.parse(JSON.parse(json)).items.map(({ metadata }) => metadata.name);
