import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type AwsEnvironment, loadEnvironment } from '../../environments';
import { parseRoles, type Roles } from '../../environments/roles';
import { Journal } from '../../failover/operations/journal';
import { latchOf } from '../../failover/operations/latch';
import { placeOf } from '../../failover/operations/steps';
import { cacheName, cachePartOf, databaseName, databaseOf } from '../../failover/operations/stores';
import { AwsTarget } from '../../failover/targets/aws';
import { TandemError } from '../../lib/errors';
import type { Emulator } from './emulator';

const root = join(__dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Of a command alone Terraform is left, and goes on; with its machine it dies too. */
export type Killed = 'command' | 'machine';

interface Run {
  /** Where it keeps its plans and Terraform's records. */
  readonly cwd?: string;
  /** The folder whose dist/ it is; the repository when left out. */
  readonly checkout?: string;
  /** What it gets as soon as it says so: a signal, or with SIGKILL the death of its machine. */
  readonly until?: { readonly says: string; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' };
  /** Gets what kills it without warning: it alone, or all that its machine runs for it. */
  readonly born?: (kill: (what: Killed) => void) => void;
}

/** The built command. */
export function tandem(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { checkout = root, cwd = checkout, until, born }: Run = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(checkout, 'dist/tandem.js'), ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (what: Killed) => {
      if (what === 'machine') spawnSync('pkill', ['-KILL', '-P', String(child.pid)]);
      child.kill('SIGKILL');
    };
    born?.(kill);
    let output = '';
    const hear = (chunk: Buffer) => {
      const before = until && output.includes(until.says);
      output += chunk.toString();
      if (!until || before || !output.includes(until.says)) return;
      if (until.signal === 'SIGKILL') kill('machine');
      else child.kill(until.signal);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** @throws TandemError NotOnAws */
export function awsEnvironment(name: string): AwsEnvironment {
  const environment = loadEnvironment(name);
  if (environment.target === 'aws') return environment;
  throw new TandemError('NotOnAws', { found: name, expected: 'one on aws', next: 'name another' });
}

/** A checkout of its own, whose files commands may rewrite: the built command, what is declared and recorded, and nothing else. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-checkout-'));
  readonly #file = join(this.folder, 'environments/roles.json');

  constructor() {
    cpSync(join(root, 'dist'), join(this.folder, 'dist'), { recursive: true });
    mkdirSync(join(this.folder, 'environments'));
    for (const file of ['roles.json', 'recorded.json']) {
      cpSync(join(root, 'environments', file), join(this.folder, 'environments', file));
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  rolesOf(environment: AwsEnvironment): Roles {
    return parseRoles(JSON.parse(readFileSync(this.#file, 'utf8')), environment);
  }

  declare(environment: AwsEnvironment, roles: Roles): void {
    const all = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    writeFileSync(this.#file, JSON.stringify({ ...all, [environment.name]: roles }));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What of a region an operation is about, seen by the same SDK; `latch` is the peer's, whose alarm is here. One at a time. */
export async function endState(
  emulator: Emulator,
  environment: AwsEnvironment,
  region: string,
  generation = 1,
) {
  const before = { ...process.env };
  Object.assign(process.env, emulator.environment);
  const aws = new AwsTarget([region]);
  const { name } = environment;
  try {
    const database = await databaseOf(aws, region, databaseName(name, region, generation));
    const cache = await cachePartOf(aws, region, cacheName(name, region));
    const latch = await latchOf(aws, placeOf(environment, placeOf(environment, region).peer));
    const journal = await new Journal(aws, name, region).read();
    const steps = journal?.record.steps.map((step) => `${step.name} ${step.outcome ?? ''}`);
    return { database, cache, latch, outcome: journal?.record.outcome, steps };
  } finally {
    aws.close();
    process.env = before;
  }
}

/** The requests so far as `service:Action region`; those that change something, or all. */
export async function asked(
  emulator: Emulator,
  which: 'all' | 'changes' = 'all',
): Promise<readonly string[]> {
  const calls = (await emulator.calls()).map(
    ({ service, action, region }) => `${service}:${action} ${region}`,
  );
  return which === 'all' ? calls : calls.filter((each) => !/:(Describe|Get|List)/.test(each));
}
