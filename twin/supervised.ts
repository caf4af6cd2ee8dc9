import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TandemError } from '../lib/errors';
import { killFamily } from './processes';
import type { RunFolder } from './run-folder';
import type { UnixIdentity } from './unix-identity';

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly log: string;
  /** Whose process it is; the runner's own when absent. */
  readonly identity?: UnixIdentity | undefined;
}

/** A process of the twin: registered in the run folder before anything else can fail, its output in a log. */
export class Supervised {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #exit: string | undefined;

  constructor(
    folder: RunFolder,
    readonly options: ProcessOptions,
  ) {
    folder.ended.throwIfAborted();
    mkdirSync(dirname(options.log), { recursive: true });
    const log = openSync(options.log, 'a');
    this.#child = spawn(options.command, options.args, {
      cwd: options.cwd,
      // The parent's environment would leak the user's PG* and NODE_OPTIONS into what is measured.
      env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C', ...options.env },
      stdio: ['ignore', log, log],
      // A session of its own: Ctrl-C in the terminal reaches the runner alone, which then ends things in order.
      detached: true,
      ...(options.identity ?? {}),
    });
    closeSync(log);
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#exit ??= error.message;
        resolve();
      });
      this.#child.once('exit', (code, signal) => {
        this.#exit ??= signal ? `ended by ${signal}` : `exit code ${code ?? '?'}`;
        resolve();
      });
    });
    if (this.#child.pid !== undefined) folder.register(this.#child.pid);
  }

  /** @throws TandemError ProcessDied, with the end of its log, when the process is no longer running */
  assertRunning(): void {
    if (this.#exit === undefined) return;
    throw new TandemError('ProcessDied', {
      found: `${this.options.name}: ${this.#exit}; the end of its log:\n${this.logTail()}`,
      expected: 'that it keeps running',
      next: 'mend the cause that its log names and run the command again',
    });
  }

  /** SIGKILL for the process and every descendant: nothing gets to say goodbye. */
  async kill(): Promise<void> {
    if (this.#exit === undefined && this.#child.pid !== undefined) await killFamily(this.#child.pid);
    await this.#exited;
  }

  /** Asks with `signal`, insists with SIGKILL after the grace period. */
  async stop(signal: NodeJS.Signals, graceSeconds: number): Promise<void> {
    if (this.#exit === undefined) this.#child.kill(signal);
    const abandon = new AbortController();
    await Promise.race([
      this.#exited,
      sleep(graceSeconds * 1000, undefined, { signal: abandon.signal }).catch(() => undefined),
    ]);
    abandon.abort();
    await this.kill();
  }

  logTail(lines = 15): string {
    return readFileSync(this.options.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}
