import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { TandemError } from '../../lib/errors';
import { missing as missingForProvider } from '../provider/missing';
import { python } from './python';

/** What the emulated AWS lacks, and how to get it; undefined when it can run. */
export function missingMoto(): string | undefined {
  const found = python();
  return 'missing' in found ? found.missing : undefined;
}

/** What Terraform against the emulated AWS lacks, and how to get it; undefined when it can run. */
export const missing = (): string | undefined => missingForProvider() ?? missingMoto();

/** What a test lacks that applies whole stacks: the provider waits there for minutes, whatever the emulated AWS does. */
export const missingForStacks = (): string | undefined =>
  missing() ??
  (process.env.EMULATOR_LANE === 'full' ? undefined : 'takes many minutes: set EMULATOR_LANE=full');

/** For the next `times` requests that match; what is left out matches any. */
export interface Fault {
  /** An AWS error, a connection ended without an answer, no answer at all, or the answer that the same read got before. */
  readonly answer: 'error' | 'drop' | 'silence' | 'stale';
  readonly region?: string;
  /** As requests are signed, such as `rds`. */
  readonly service?: string;
  /** As in AWS's API reference, such as `PromoteReadReplica`. */
  readonly action?: string;
  readonly times?: number;
  /** Of an error: AWS's code, such as `Throttling`, and the HTTP status. */
  readonly code?: string;
  readonly status?: number;
  /** How long the client waits for it. */
  readonly seconds?: number;
}

/** A request that arrived, whatever was answered: `status` is null when nothing was. */
const call = z.object({
  /** In seconds since 1970. */
  at: z.number(),
  region: z.string(),
  service: z.string(),
  action: z.string(),
  status: z.number().nullable(),
});

export type Call = z.infer<typeof call>;

const fork = z.object({ port: z.number(), pid: z.number() });

/** AWS as moto plays it, in a process of its own. Nothing here is AWS; moto_aws/ says where moto had to be corrected. */
export class Emulator {
  private constructor(
    readonly endpoint: string,
    private readonly pid: number,
  ) {}

  static async start(account: string): Promise<Emulator> {
    const found = python();
    if ('missing' in found) {
      throw new TandemError('TargetUnavailable', {
        found: found.missing,
        expected: 'moto',
        next: 'ask missing() first',
      });
    }
    const server = spawn(found.python, [join(__dirname, 'aws.py'), '0'], {
      env: { ...process.env, MOTO_ACCOUNT_ID: account },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // The first line that it says is its port, once it listens.
    for await (const port of createInterface(server.stdout)) {
      return new Emulator(`http://127.0.0.1:${port}`, z.number().parse(server.pid));
    }
    throw new TandemError('ProcessDied', {
      found: 'the emulated AWS ended before it listened',
      expected: 'that it names its port',
      next: `run ${found.python} test/emulator/aws.py 0 with MOTO_ACCOUNT_ID and see`,
    });
  }

  /** Another AWS that has all that this one has now, and goes its own way from here. Its owner stops it. */
  async fork(): Promise<Emulator> {
    const { port, pid } = fork.parse(await this.#ask('POST', 'fork'));
    return new Emulator(`http://127.0.0.1:${port}`, pid);
  }

  stop(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  /** What the SDKs and Terraform read: where AWS is, and that it is asked without patience. */
  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: 'emulated',
      AWS_SECRET_ACCESS_KEY: 'emulated',
      AWS_MAX_ATTEMPTS: '3',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  /** Ends every connection of requests to these regions without an answer, and of no others. Global services are in us-east-1. */
  async darken(...regions: readonly string[]): Promise<void> {
    await this.#ask('PUT', 'dark', { regions });
  }

  async inject(fault: Fault): Promise<void> {
    await this.#ask('POST', 'faults', { ...fault });
  }

  async clearFaults(): Promise<void> {
    await this.#ask('DELETE', 'faults');
  }

  /** From now on promotions of replicas, or failovers of Global Datastores, take so long, and then come to nothing if they fail. */
  async pace(operation: 'promotion' | 'cacheFailover', seconds: number, fails = false): Promise<void> {
    await this.#ask('PUT', 'paces', { [operation]: { seconds, fails } });
  }

  /** What the checkers of an endpoint's health check find from now on. */
  async setReachable(healthCheckId: string, reachable: boolean): Promise<void> {
    await this.#ask('PUT', 'health', { id: healthCheckId, reachable });
  }

  /** Whether each health check is healthy, by its id. */
  async health(): Promise<Readonly<Record<string, boolean>>> {
    return z.record(z.string(), z.boolean()).parse(await this.#ask('GET', 'health'));
  }

  /** What Route 53's name servers answer for a CNAME; they answer whatever region is dark. */
  async resolve(name: string): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.#ask('GET', `dns?name=${encodeURIComponent(name)}`));
  }

  /** Every request so far, or since they were forgotten, in the order of arrival. */
  async calls(): Promise<readonly Call[]> {
    return z.array(call).parse(await this.#ask('GET', 'calls'));
  }

  async forgetCalls(): Promise<void> {
    await this.#ask('DELETE', 'calls');
  }

  /** All that somebody made and that is still there, as `service/kind region id`. */
  async inventory(): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.#ask('GET', 'inventory'));
  }

  /** The keys of the objects in a bucket; undefined when there is no such bucket. */
  async objects(bucket: string): Promise<readonly string[] | undefined> {
    const answer = await this.#askS3('GET', `${bucket}?list-type=2`);
    if (answer.status === 404) return undefined;
    return [...(await answer.text()).matchAll(/<Key>([^<]+)<\/Key>/g)].flatMap(([, key]) => key ?? []);
  }

  async object(bucket: string, key: string): Promise<string> {
    return (await this.#askS3('GET', `${bucket}/${key}`)).text();
  }

  /** Loses a bucket with every version of all that is in it. */
  async dropBucket(bucket: string): Promise<void> {
    const versions = await (await this.#askS3('GET', `${bucket}?versions`)).text();
    for (const [, key = '', id = ''] of versions.matchAll(
      /<Key>([^<]+)<\/Key>.*?<VersionId>([^<]+)<\/VersionId>/gs,
    )) {
      await this.#askS3('DELETE', `${bucket}/${key}?versionId=${id}`);
    }
    await this.#askS3('DELETE', bucket);
  }

  async dropBucketPolicy(bucket: string): Promise<void> {
    await this.#askS3('DELETE', `${bucket}?policy`);
  }

  /** The ids of the KMS keys that somebody made in a region. */
  async keys(region: string): Promise<readonly string[]> {
    const prefix = `kms/keys ${region} `;
    const all = await this.inventory();
    return all.filter((thing) => thing.startsWith(prefix)).map((thing) => thing.slice(prefix.length));
  }

  #askS3(method: string, what: string): Promise<Response> {
    // moto reads who asks from the signature, which it does not check.
    const authorization = 'AWS4-HMAC-SHA256 Credential=emulated/20260101/us-east-1/s3/aws4_request';
    return fetch(`${this.endpoint}/${what}`, { method, headers: { authorization } });
  }

  async #ask(method: string, what: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.endpoint}/tandem/${what}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (answer.ok) return answer.json();
    throw new TandemError('Unexpected', {
      found: `${method} ${what}: ${answer.status} ${await answer.text()}`,
      expected: 'an answer of the emulated AWS',
      next: 'see what it wrote',
    });
  }
}
