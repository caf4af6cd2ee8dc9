import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { reasonOf, TandemError } from '../lib/errors';
import type { SynthesizedStack } from '../stacks/synthesize';
import { adopt } from './adopt';
import { readPlan } from './plan-stacks';
import { failureOf, terraform } from './terraform';

/** What a stack's folder holds while its state has no bucket yet, or is not known to be in it. */
const files = {
  override: 'bootstrap_override.tf.json',
  state: 'bootstrap.tfstate',
  backup: 'bootstrap.tfstate.backup',
  plan: 'bootstrap.tfplan',
};

/** Where a stack's state is: in its own bucket, or until that is there in its folder. */
export type Whereabouts = 'bucket' | 'folder';

export interface Changes {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
}

export interface Run {
  readonly signal: AbortSignal;
  /** Shows a line of progress. */
  readonly say: (line: string) => void;
}

/**
 * Looks for a stack's state in its bucket. When it is there, what an interrupted move left in the folder goes.
 * @throws TandemError TerraformFailed for anything else than a bucket that does not exist
 */
export async function whereabouts(stack: SynthesizedStack, { signal }: Run): Promise<Whereabouts> {
  const folder = dirname(stack.path);
  rmSync(join(folder, files.override), { force: true });
  try {
    await terraform(folder, ['init', '-input=false', '-reconfigure'], { signal });
  } catch (thrown) {
    if (/NoSuchBucket/.test(reasonOf(thrown))) return 'folder';
    throw thrown;
  }
  if (!(await stateIn(folder, signal))) return 'folder';
  forget(folder);
  return 'bucket';
}

/** Plans a stack against AWS, with its state where it is. Undefined when nothing would change. */
export async function planned(
  stack: SynthesizedStack,
  where: Whereabouts,
  { signal }: Run,
): Promise<Changes | undefined> {
  const folder = dirname(stack.path);
  if (where === 'folder') {
    const override = { terraform: { backend: { local: { path: files.state } } } };
    writeFileSync(join(folder, files.override), JSON.stringify(override));
  }
  await terraform(folder, ['init', '-input=false', '-reconfigure'], { signal });
  // An apply whose command was killed goes on for a while, and holds the lock.
  const { exitCode, stdout } = await terraform(
    folder,
    ['plan', '-json', '-input=false', '-lock-timeout=10m', '-detailed-exitcode', `-out=${files.plan}`],
    { signal, accept: [0, 2] },
  );
  return exitCode === 0 ? undefined : readPlan(stdout);
}

const completed = z.object({ type: z.literal('apply_complete'), '@message': z.string() });

/**
 * Applies what was planned. What exists already, because an earlier run made it and lost its state, is taken over.
 * @throws TandemError TerraformFailed
 */
export async function apply(
  stack: SynthesizedStack,
  where: Whereabouts,
  account: string,
  run: Run,
): Promise<void> {
  const folder = dirname(stack.path);
  const args = ['apply', '-json', '-input=false', '-lock-timeout=10m', files.plan] as const;
  const onLine = (line: string) => {
    const done = line.startsWith('{') ? completed.safeParse(JSON.parse(line)).data : undefined;
    if (done) run.say(`    ${done['@message']}`);
  };
  for (;;) {
    const output = await terraform(folder, args, { signal: run.signal, accept: [0, 1], onLine });
    if (output.exitCode === 0) return;
    const adopted = await adopt({ folder, plan: files.plan, account, output, ...run });
    if (adopted === 0) throw failureOf(folder, args, output);
    if (!(await planned(stack, where, run))) return;
  }
}

/**
 * Moves a stack's state from its folder into its bucket, sees that it is there and removes it from the folder.
 * @throws TandemError TerraformFailed, StateNotMoved
 */
export async function move(stack: SynthesizedStack, { signal }: Run): Promise<void> {
  const folder = dirname(stack.path);
  const here = await stateIn(folder, signal);
  rmSync(join(folder, files.override));
  // Without a lock, which a killed run would leave in the table: nobody else knows this state yet.
  const args = ['-input=false', '-migrate-state', '-force-copy', '-lock=false'];
  await terraform(folder, ['init', ...args], { signal });
  const there = await stateIn(folder, signal);
  if (here && there?.lineage !== here.lineage) {
    throw new TandemError('StateNotMoved', {
      found: `${there ? 'another state' : 'no state'} in the bucket of ${stack.name}`,
      expected: `the one of ${join(folder, files.state)}, which is still there`,
      next: 'compare the two; then run the command again',
    });
  }
  forget(folder);
}

const state = z.object({ lineage: z.string(), resources: z.array(z.unknown()) });

/** The state at the backend that the folder is initialized for; undefined when there is nothing in it. */
async function stateIn(folder: string, signal: AbortSignal) {
  const { stdout } = await terraform(folder, ['state', 'pull'], { signal });
  const pulled = stdout.trim() === '' ? undefined : state.parse(JSON.parse(stdout));
  return pulled && pulled.resources.length > 0 ? pulled : undefined;
}

function forget(folder: string): void {
  for (const file of [files.state, files.backup, files.plan]) rmSync(join(folder, file), { force: true });
}
