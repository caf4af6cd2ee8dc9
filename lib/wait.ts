import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, TandemError } from './errors';

/** A wait's name and time, so that a missed one says which it was. */
export interface Budget {
  readonly name: string;
  readonly seconds: number;
}

export interface WaitOptions {
  /** What the wait is for, as it ends the sentence "waited for …". */
  readonly what: string;
  readonly budget: Budget;
  /** What to do when the budget is missed. */
  readonly next: string;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks `probe` until it answers something other than `undefined`. An error of the probe counts as "not yet" and is quoted
 * when the budget is missed, unless it is coded as not retryable; aborting ends the wait with the signal's reason.
 * @throws TandemError BudgetExceeded, or what the probe throws as not retryable
 */
export async function waitFor<T>(options: WaitOptions, probe: () => Promise<T | undefined>): Promise<T> {
  const { what, budget, next, everyMs = 50, signal } = options;
  const deadline = performance.now() + budget.seconds * 1000;
  let last = 'no answer yet';
  for (;;) {
    signal?.throwIfAborted();
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (thrown) {
      // Retrying is the error's business: what can not change is not waited for.
      if (thrown instanceof TandemError && !thrown.retryable) throw thrown;
      last = reasonOf(thrown);
    }
    if (performance.now() >= deadline) {
      throw new TandemError('BudgetExceeded', {
        found: `waited ${budget.seconds} s for ${what} (last: ${last})`,
        expected: `at most ${budget.seconds} s (budget ${budget.name})`,
        next,
      });
    }
    await sleep(everyMs, undefined, signal ? { signal } : {});
  }
}
