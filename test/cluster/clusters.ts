import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { kubectl } from '../../lib/command';
import { reasonOf } from '../../lib/errors';
import { namespace, nodePorts } from '../../lib/in-cluster';
import { waitFor } from '../../lib/wait';

const { KUBECONFIG, TANDEM_CONTEXTS, TANDEM_LOAD, TF_PLUGIN_MIRROR, TF_CLI_CONFIG_FILE } = process.env;

/** The kube contexts of the two clusters, by place. */
export const contexts: readonly string[] = TANDEM_CONTEXTS?.split(',') ?? [];

/** What this lane lacks, and how to get it; undefined when it can run. */
export function missing(): string | undefined {
  if (spawnSync('terraform', ['version']).error) return 'no terraform on PATH: install 1.11 or later';
  if (spawnSync('kubectl', ['version', '--client']).error) return 'no kubectl on PATH: install it';
  if (!TF_PLUGIN_MIRROR && !TF_CLI_CONFIG_FILE)
    return 'no kubernetes provider: set TF_PLUGIN_MIRROR to a mirror folder, or TF_CLI_CONFIG_FILE to a file that names one';
  if (!KUBECONFIG || contexts.length !== 2)
    return 'no two clusters: set KUBECONFIG, and TANDEM_CONTEXTS=A,B to two of its contexts';
  return undefined;
}

/**
 * Puts an image that docker has into every node, by the command of TANDEM_LOAD, and waits until the nodes list it; without that
 * command the nodes have to pull it.
 */
export async function load(image: string): Promise<void> {
  if (TANDEM_LOAD === undefined) return;
  const [program = '', ...args] = TANDEM_LOAD.split(' ');
  const { status, stderr } = spawnSync(program, [...args, image], { encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const names = 'jsonpath={.items[*].status.images[*].names[*]}';
  for (const context of contexts)
    await waitFor(
      {
        what: image,
        budget: { name: 'imageListed', seconds: 120 },
        next: 'look at TANDEM_LOAD',
        everyMs: 1000,
      },
      async () =>
        (await kubectl(context, ['get', 'nodes', '-o', names])).includes(image) ? true : undefined,
    );
}

const namespaces = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** Whether a cluster has the environment's namespace, and which volumes claim to be of it. */
export async function leftIn(context: string): Promise<readonly string[]> {
  const all = namespaces.parse(JSON.parse(await kubectl(context, ['get', 'namespaces', '-o', 'json'])));
  const claims = '{range .items[*]}{.spec.claimRef.namespace}/{.spec.claimRef.name}{"\\n"}{end}';
  const volumes = await kubectl(context, ['get', 'persistentvolumes', '-o', `jsonpath=${claims}`]);
  return [
    ...all.items.flatMap(({ metadata: { name } }) => (name === namespace ? name : [])),
    ...volumes.split('\n').filter((claim) => claim.startsWith(`${namespace}/`)),
  ];
}

/** The nodes of a cluster, as it names them. */
export const nodesOf = async (context: string): Promise<readonly string[]> =>
  (await kubectl(context, ['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');

const summary = z.object({ node: z.object({ memory: z.object({ workingSetBytes: z.number() }) }) });

/** What a cluster's nodes hold in memory, their own programs included, as each kubelet counts it; in MiB. */
export async function memoryOf(context: string): Promise<number> {
  const asked = (await nodesOf(context)).map((node) =>
    kubectl(context, ['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`]),
  );
  const bytes = (await Promise.all(asked)).map(
    (json) => summary.parse(JSON.parse(json)).node.memory.workingSetBytes,
  );
  return bytes.reduce((sum, each) => sum + each, 0) / 2 ** 20;
}

const queried = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.coerce.number()]) })) }),
});

/** What the Prometheus of a region says to a query of one number; 0 when it knows none. */
export async function metricOf(endpoint: string, query: string): Promise<number> {
  const url = new URL('/api/v1/query', endpoint);
  url.port = String(nodePorts.prometheus);
  url.searchParams.set('query', query);
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  return queried.parse(await response.json()).data.result[0]?.value[1] ?? 0;
}

const answer = z.object({ id: z.string(), value: z.unknown() });

/** Requests of the workload at one region's address. */
export class Client {
  /** What the last answer that was no success said. */
  problem = '';

  constructor(readonly url: string) {}

  async write(id: string, value: unknown): Promise<number> {
    const body = JSON.stringify({ id, value });
    const headers = { 'content-type': 'application/json' };
    const { status } = await this.#fetch('/data', { method: 'POST', headers, body });
    return status;
  }

  /** A value, and whether the cache had it; the status alone when there is none. */
  async read(id: string): Promise<{ status: number; value?: unknown; cache: string | null }> {
    const response = await this.#fetch(`/data/${id}`);
    const cache = response.headers.get('x-cache');
    if (!response.ok) return { status: response.status, cache };
    return { status: response.status, value: answer.parse(await response.json()).value, cache };
  }

  async remove(id: string): Promise<number> {
    return (await this.#fetch(`/data/${id}`, { method: 'DELETE' })).status;
  }

  async #fetch(
    path: string,
    init: { method?: string; headers?: Readonly<Record<string, string>>; body?: string } = {},
  ): Promise<Response> {
    // A node that boots sends a connection to whichever pod has the address now, and a kept one stays there.
    const headers = { ...init.headers, connection: 'close' };
    const response = await fetch(`${this.url}${path}`, {
      ...init,
      headers,
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) this.problem = await response.clone().text();
    return response;
  }
}

/** Writes to one region and reads from the other, until it is ended. */
export class Load {
  #ending = false;
  readonly #errors: string[] = [];
  #done = 0;
  readonly #ended: Promise<unknown>;

  constructor(active: Client, standby: Client) {
    const each = async (name: string, work: (at: number) => Promise<number>) => {
      for (let at = 0; !this.#ending; at++) {
        const outcome = await work(at).catch(reasonOf);
        if (outcome === 200 || outcome === 201) this.#done += 1;
        else this.#errors.push(`${name}: ${outcome} ${active.problem} ${standby.problem}`);
        await sleep(20);
      }
    };
    let written = 0;
    this.#ended = Promise.all([
      each('write', async (at) => {
        const status = await active.write(`load-${at}`, at);
        written = at;
        return status;
      }),
      each('read', async () => (await active.read(`load-${written}`)).status),
      each('read of the standby', async () => (await standby.read('load-0')).status),
    ]);
  }

  async end(): Promise<{ readonly done: number; readonly errors: readonly string[] }> {
    this.#ending = true;
    await this.#ended;
    return { done: this.#done, errors: this.#errors };
  }
}
