import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { waitFor } from '../../lib/wait';
import { missing as missingForProvider } from '../provider/missing';

/** What this lane lacks, and how to get it; undefined when it can run. */
export function missing(): string | undefined {
  const moto = spawnSync('python3', ['-c', 'import moto.server']);
  return moto.status === 0 ? missingForProvider() : 'no moto for python3: pip install "moto[server]"';
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = z.object({ port: z.number() }).parse(server.address());
      server.close(() => resolve(port));
    });
  });

/** AWS as moto plays it, in a process of its own (aws.py says where it had to be corrected). Nothing here is AWS. */
export class Emulator {
  private constructor(
    private readonly process: ChildProcess,
    readonly endpoint: string,
  ) {}

  static async start(account: string): Promise<Emulator> {
    const port = await freePort();
    const server = spawn('python3', [join(__dirname, 'aws.py'), '-H', '127.0.0.1', '-p', String(port)], {
      env: { ...process.env, MOTO_ACCOUNT_ID: account },
      stdio: 'ignore',
    });
    const emulator = new Emulator(server, `http://127.0.0.1:${port}`);
    await waitFor(
      {
        what: 'moto',
        budget: { name: 'emulator', seconds: 60 },
        next: 'run python3 test/emulator/aws.py and see',
      },
      async () => (await fetch(`${emulator.endpoint}/moto-api/data.json`)).ok || undefined,
    );
    return emulator;
  }

  stop(): void {
    this.process.kill('SIGKILL');
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

  /** The keys of the objects in a bucket; undefined when there is no such bucket. */
  async objects(bucket: string): Promise<readonly string[] | undefined> {
    const answer = await fetch(`${this.endpoint}/${bucket}?list-type=2`);
    if (answer.status === 404) return undefined;
    return [...(await answer.text()).matchAll(/<Key>([^<]+)<\/Key>/g)].flatMap(([, key]) => key ?? []);
  }

  async object(bucket: string, key: string): Promise<string> {
    return (await fetch(`${this.endpoint}/${bucket}/${key}`)).text();
  }

  async dropBucketPolicy(bucket: string): Promise<void> {
    await fetch(`${this.endpoint}/${bucket}?policy`, { method: 'DELETE' });
  }

  /** The ids of the keys of a region. */
  async keys(region: string): Promise<readonly string[]> {
    const answer = await fetch(this.endpoint, {
      method: 'POST',
      headers: {
        // moto takes region and service from the signature, which it does not check.
        authorization: `AWS4-HMAC-SHA256 Credential=emulated/20260101/${region}/kms/aws4_request`,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'TrentService.ListKeys',
      },
      body: '{}',
    });
    const { Keys } = z.object({ Keys: z.array(z.object({ KeyId: z.string() })) }).parse(await answer.json());
    return Keys.map(({ KeyId }) => KeyId);
  }
}
