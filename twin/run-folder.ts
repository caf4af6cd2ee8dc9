import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { lstat, mkdir, readdir, readlink, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { reasonOf, TandemError } from '../lib/errors';
import { familyOf, identityOf, isAlive, killFamily, type ProcessIdentity, signalAll } from './processes';

/** What a dead runner had left, now gone. */
export interface CleanedRun {
  readonly run: string;
  /** The last line of its journal, where it had got to. */
  readonly lastEntry: string | undefined;
  readonly processesKilled: number;
}

/** Where whoever drives the run writes what it is doing, a line each. */
const journalName = 'journal.jsonl';

const processLine = z.object({ pid: z.number().int(), startedAt: z.string() });

/**
 * The folder of one run and the register of the processes started in it. Its name tells the runner (PID namespace,
 * pid, start time), so that a later run knows without asking whether the runner still lives.
 */
export class RunFolder {
  readonly #ending = new AbortController();

  /** The last resort when the runner ends without having removed it: an uncaught error, a library's process.exit. */
  readonly #atExit = (): void => {
    for (const { pid } of registered(this.path).filter(isAlive)) signalAll(familyOf(pid), 'SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
  };

  private constructor(
    readonly path: string,
    readonly run: string,
  ) {
    process.once('exit', this.#atExit);
  }

  /** @throws TandemError TempNotWritable */
  static async create(temporary = tmpdir()): Promise<RunFolder> {
    const base = await baseFolder(temporary);
    const self = identityOf(process.pid);
    const run = `${await pidNamespace()}-${process.pid}-${self?.startedAt ?? '0'}`;
    const path = join(base, run);
    try {
      await rm(path, { recursive: true, force: true });
      // Recursive, since a run that ends just now removes the empty base.
      await mkdir(path, { recursive: true, mode: 0o711 });
    } catch (thrown) {
      throw notWritable(path, thrown);
    }
    return new RunFolder(path, run);
  }

  journal(entry: unknown): void {
    if (!this.ended.aborted) appendFileSync(join(this.path, journalName), `${JSON.stringify(entry)}\n`);
  }

  /** Aborts when the run ends, with RunEnded: whatever waits for something in the run gives up. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** From here on nothing starts behind the cleaner's back. */
  end(): void {
    this.#ending.abort(
      new TandemError('RunEnded', {
        found: 'something was still starting or waiting',
        expected: 'nothing: the run is over',
        next: 'nothing: this is how it learns of an interruption',
      }),
    );
  }

  register(pid: number): void {
    const identity = identityOf(pid);
    if (identity) appendFileSync(join(this.path, 'processes'), `${JSON.stringify(identity)}\n`);
  }

  async remove(): Promise<void> {
    this.end();
    await removeRun(this.path);
    // Only when no other run is in it.
    await rmdir(dirname(this.path)).catch(() => undefined);
    process.off('exit', this.#atExit);
  }
}

/**
 * Ends what runs of dead runners have left behind: their processes, then their folders.
 * @throws TandemError TempNotWritable
 */
export async function cleanStaleRuns(temporary = tmpdir()): Promise<readonly CleanedRun[]> {
  const base = await baseFolder(temporary);
  const namespace = await pidNamespace();
  const cleaned: CleanedRun[] = [];
  for (const run of await readdir(base)) {
    const [, owner, pid, startedAt] = /^(\d+)-(\d+)-(\d+)$/.exec(run) ?? [];
    // Pids of another PID namespace (a container sharing this folder) mean nothing here.
    if (owner !== namespace || pid === undefined || startedAt === undefined) continue;
    if (isAlive({ pid: Number(pid), startedAt })) continue;
    const path = join(base, run);
    const lastEntry = textOf(join(path, journalName)).trimEnd().split('\n').at(-1) || undefined;
    const processesKilled = await removeRun(path);
    cleaned.push({ run, lastEntry, processesKilled });
  }
  return cleaned;
}

/** Ends the processes of a run, then its folder. @returns how many were alive */
async function removeRun(path: string): Promise<number> {
  const alive = registered(path).filter(isAlive);
  await Promise.all(alive.map(({ pid }) => killFamily(pid)));
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return alive.length;
}

function registered(path: string): readonly ProcessIdentity[] {
  // The runner may have died while writing the last line.
  return textOf(join(path, 'processes'))
    .split('\n')
    .flatMap((line) => {
      try {
        return [processLine.parse(JSON.parse(line))];
      } catch {
        return [];
      }
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** One folder a user, refused when somebody else made it first: the system's temporary folder is shared. */
async function baseFolder(temporary: string): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const path = join(temporary, `tandem-${uid}`);
  try {
    await mkdir(path, { recursive: true, mode: 0o711 });
    const made = await lstat(path);
    if (!made.isDirectory() || made.uid !== uid) throw notWritable(path, 'it belongs to another user');
    // Under root PostgreSQL runs as another account, which has to get through.
    for (let above = path; uid === 0 && above !== '/'; above = dirname(above)) {
      if (((await stat(above)).mode & 0o001) === 0)
        throw notWritable(path, `only its owner may enter ${above}`);
    }
  } catch (thrown) {
    throw thrown instanceof TandemError ? thrown : notWritable(path, thrown);
  }
  return path;
}

async function pidNamespace(): Promise<string> {
  return /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0] ?? '0';
}

const notWritable = (path: string, thrown: unknown): TandemError =>
  new TandemError('TempNotWritable', {
    found: `${path} can not be used: ${reasonOf(thrown)}`,
    expected: 'a folder for temporary files that this user can write, with about 500 MB free',
    next: 'set TMPDIR to such a folder and run the command again',
    cause: thrown,
  });
