import { availableParallelism } from 'node:os';
import { Listr } from 'listr2';
import { asCoded, type TandemError } from '../../lib/errors';
import type { SynthesizedStack } from '../../stacks/synthesize';

/** Memory of one plan at a time, in bytes: a global stack's three providers, of about 420 MB each. */
const bytesPerPlan = 3 * 420e6;

/** How many plans this machine takes at a time. */
export const plansAtOnce = (): number =>
  Math.max(1, Math.min(availableParallelism(), Math.floor(process.availableMemory() / bytesPerPlan)));

export interface Watched {
  /** Whether to show on the terminal how far it is. */
  readonly progress: boolean;
  readonly signal: AbortSignal;
}

export interface Failed {
  readonly outcome: 'failed';
  readonly error: TandemError;
}

/**
 * Does something with each of several stacks, as many at a time as memory allows, each a line on a terminal. One that fails fails
 * alone; one that was interrupted has no result.
 * @param work shows with `say` how far it is
 */
export async function eachStack<T>(
  stacks: readonly SynthesizedStack[],
  { progress, signal }: Watched,
  work: (stack: SynthesizedStack, say: (line: string) => void) => Promise<T>,
): Promise<ReadonlyMap<SynthesizedStack, T | Failed>> {
  const results = new Map<SynthesizedStack, T | Failed>();
  const drawn = progress && process.stdout.isTTY;
  await new Listr(
    stacks.map((stack) => ({
      title: stack.name,
      task: async (_: unknown, line: { output?: string }) => {
        const say = (text: string) => {
          if (drawn) line.output = text;
          else if (progress) console.log(`  ${stack.name}: ${text}`);
        };
        try {
          results.set(stack, await work(stack, say));
        } catch (thrown) {
          if (!signal.aborted) results.set(stack, { outcome: 'failed', error: asCoded(thrown) });
          throw thrown;
        }
      },
    })),
    {
      concurrent: plansAtOnce(),
      exitOnError: false,
      registerSignalListeners: false,
      renderer: drawn ? 'default' : 'silent',
      rendererOptions: { showErrorMessage: false, collapseErrors: true },
    },
  ).run();
  return results;
}

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Work that is done one after the other, in the order in which it was asked for. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
