import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { reasonOf, TandemError } from '../../lib/errors';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { adopt, adoptKey } from './adopt';
import { lockedOr, lockTimeout } from './locks';
import { unprotect } from './protection';
import { failureOf, terraform } from './terraform';
import { completedIn, readPlan } from './lines';

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
 * Looks for the state of a region's state stack in its bucket. When it is there, what an interrupted move left in the folder
 * goes; when it is not, the folder is made to keep it.
 * @param keyAlias of the key that encrypts the bucket, without `alias/`
 * @throws TandemError TerraformFailed for anything else than a bucket that does not exist
 */
export async function whereabouts(
  stack: SynthesizedStack,
  keyAlias: string,
  { signal }: Run,
): Promise<Whereabouts> {
  const folder = dirname(stack.path);
  if (await hasState(stack, { signal })) {
    forget(folder);
    return 'bucket';
  }
  keepHere(folder);
  // No state anywhere: a key that is there all the same is from a run whose folder, or from a bucket that, was lost.
  if (!existsSync(join(folder, files.state))) {
    await init(folder, signal);
    await adoptKey(folder, keyAlias, signal);
  }
  return 'folder';
}

/**
 * Whether a stack's bucket is there and has a state of it that holds anything.
 * @throws TandemError TerraformFailed for anything else than a bucket that does not exist
 */
export async function hasState(
  { path }: SynthesizedStack,
  { signal }: Pick<Run, 'signal'>,
): Promise<boolean> {
  const folder = dirname(path);
  rmSync(join(folder, files.override), { force: true });
  const bucketExists = await init(folder, signal).then(
    () => true,
    (thrown: unknown) => {
      if (/NoSuchBucket/.test(reasonOf(thrown))) return false;
      throw thrown;
    },
  );
  return bucketExists && (await stateIn(folder, signal)) !== undefined;
}

/** From the next init on the folder keeps the state itself. */
function keepHere(folder: string): void {
  const override = { terraform: { backend: { local: { path: files.state } } } };
  writeFileSync(join(folder, files.override), JSON.stringify(override));
}

const init = (folder: string, signal: AbortSignal) =>
  terraform(folder, ['init', '-input=false', '-reconfigure'], { signal });

/**
 * Plans a stack against AWS. Undefined when nothing would change.
 * @throws TandemError TerraformFailed, StateLocked
 */
export async function planned(stack: SynthesizedStack, { signal }: Run): Promise<Changes | undefined> {
  const folder = dirname(stack.path);
  await init(folder, signal);
  const args = ['plan', '-json', '-input=false', lockTimeout, '-detailed-exitcode'] as const;
  const output = await terraform(folder, [...args, `-out=${files.plan}`], { signal, accept: [0, 1, 2] });
  if (output.exitCode === 1) throw lockedOr(failureOf(folder, args, output), stack, output);
  return output.exitCode === 0 ? undefined : readPlan(output.stdout);
}

/**
 * Applies what was planned. What exists already, because an earlier run made it and lost its state, is taken over.
 * @throws TandemError TerraformFailed, StateLocked
 */
export async function apply(stack: SynthesizedStack, run: Run): Promise<void> {
  const folder = dirname(stack.path);
  const args = ['apply', '-json', '-input=false', lockTimeout, files.plan] as const;
  const indented = (line: string) => run.say(`    ${line}`);
  const onLine = (line: string) => {
    const done = completedIn(line);
    if (done !== undefined) indented(done);
  };
  for (;;) {
    const output = await terraform(folder, args, { signal: run.signal, accept: [0, 1], onLine });
    if (output.exitCode === 0) return;
    const adopted = await adopt({ stack, plan: files.plan, output, ...run, say: indented });
    if (adopted === 0) throw failureOf(folder, args, output);
    if (!(await planned(stack, run))) return;
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
  // Not the lineage: a state gets another one when it moves.
  if (!isDeepStrictEqual(there?.resources, here?.resources)) {
    throw new TandemError('StateNotMoved', {
      found: `${there ? 'another state' : 'no state'} in the bucket of ${stack.name}`,
      expected: `the one of ${join(folder, files.state)}, which is still there`,
      next: 'compare the two; then run the command again',
    });
  }
  forget(folder);
}

/**
 * Moves a stack's state from its bucket, which is about to go, into its folder, where one that an interrupted run moved stays.
 * @returns whether there is one
 * @throws TandemError TerraformFailed
 */
export async function moveHome(stack: SynthesizedStack, { signal }: Run): Promise<boolean> {
  const folder = dirname(stack.path);
  const moved = existsSync(join(folder, files.state));
  if (!moved && !(await hasState(stack, { signal }))) return false;
  keepHere(folder);
  // Without a lock, whose table goes too.
  const args = moved ? ['-reconfigure'] : ['-migrate-state', '-force-copy', '-lock=false'];
  await terraform(folder, ['init', '-input=false', ...args], { signal });
  return true;
}

/**
 * Destroys what a stack holds, after AWS was told that it may go.
 * @throws TandemError TerraformFailed, StateLocked
 */
export async function destroy(stack: SynthesizedStack, run: Run): Promise<void> {
  const folder = dirname(stack.path);
  const targets = unprotect(stack);
  const onLine = (line: string) => {
    const done = completedIn(line);
    if (done !== undefined) run.say(`    ${done}`);
  };
  const carryOut = async (command: string, ...more: readonly string[]) => {
    const args = [command, '-json', '-input=false', '-auto-approve', lockTimeout, ...more] as const;
    const output = await terraform(folder, args, { signal: run.signal, accept: [0, 1], onLine });
    if (output.exitCode !== 0) throw lockedOr(failureOf(folder, args, output), stack, output);
  };
  if (targets.length > 0) await carryOut('apply', ...targets);
  await carryOut('destroy');
  forget(folder);
}

const state = z.object({ resources: z.array(z.unknown()) });

/** The state at the backend that the folder is initialized for; undefined when there is nothing in it. */
async function stateIn(folder: string, signal: AbortSignal) {
  const { stdout } = await terraform(folder, ['state', 'pull'], { signal });
  const pulled = stdout.trim() === '' ? undefined : state.parse(JSON.parse(stdout));
  return pulled && pulled.resources.length > 0 ? pulled : undefined;
}

function forget(folder: string): void {
  for (const file of [files.state, files.backup, files.plan]) rmSync(join(folder, file), { force: true });
}
