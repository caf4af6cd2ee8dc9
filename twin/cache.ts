import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { connect } from 'node:net';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../lib/wait';
import { budgets } from './budgets';
import type { RunFolder } from './run-folder';
import { Supervised } from './supervised';

/** The first of valkey-server and redis-server on PATH; neither is a dependency, the workload runs without. */
export function cacheServerOnPath(): string | undefined {
  return ['valkey-server', 'redis-server']
    .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** As the server names itself, such as `valkey-server 8.1.4`. */
export async function cacheVersion(server: string): Promise<string> {
  const { stdout } = await promisify(execFile)(server, ['--version']);
  return `${basename(server)} ${/v=(\S+)/.exec(stdout)?.[1] ?? stdout.trim()}`;
}

export interface CacheOptions {
  readonly folder: RunFolder;
  readonly server: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A region's cache: empty at every start, as a cache is after its region died. */
export class Cache {
  #process: Supervised | undefined;

  constructor(private readonly options: CacheOptions) {}

  get url(): string {
    return `redis://${this.options.address}:${this.options.port}`;
  }

  async start(): Promise<void> {
    const { folder, server, name, address, port } = this.options;
    const started = new Supervised(folder, {
      name,
      command: server,
      args: [
        '--bind',
        address,
        '--port',
        String(port),
        '--save',
        '',
        '--appendonly',
        'no',
        '--maxmemory',
        '64mb',
      ],
      cwd: folder.path,
      log: join(folder.path, `${name}.log`),
    });
    this.#process = started;
    await waitFor(
      {
        what: `${name} to listen`,
        budget: budgets.cacheStart,
        next: 'run the command again',
        signal: folder.ended,
      },
      () => {
        started.assertRunning();
        return accepts(address, port);
      },
    );
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }
}

function accepts(host: string, port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 });
    const answer = (value: true | undefined) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', answer(true)).once('error', answer(undefined)).once('timeout', answer(undefined));
  });
}
