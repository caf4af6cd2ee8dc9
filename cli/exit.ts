import { asCoded } from '../lib/errors';

/** Exit codes, as the README and `tandem --help` list them; 0, 1 and 2 of a plan as Terraform's -detailed-exitcode. */
export const exitCodes = {
  done: 0,
  failed: 1,
  changes: 2,
  objectivesMissed: 3,
  usage: 64,
} as const;

/** As shells report an end by signal. */
export const exitCodeOf = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type Interruption = keyof typeof exitCodeOf;

/** What is printed of anything thrown: what was found, what was expected, what to do next. */
export function describeFailure(thrown: unknown): string {
  const { title, code, detail } = asCoded(thrown);
  return `${title} (${code})\n  found     ${detail.found}\n  expected  ${detail.expected}\n  next      ${detail.next}`;
}

/**
 * A signal that aborts when the process is asked to end, so that a command can end in order. A second request ends it at
 * once; what is registered in the run folder goes with it.
 */
export function interruptible(): {
  readonly signal: AbortSignal;
  readonly by: () => Interruption | undefined;
} {
  const controller = new AbortController();
  let by: Interruption | undefined;
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    // Not once: a library that restores the cursor re-raises a signal nobody listens to any more.
    process.on(name, () => {
      if (by !== undefined) process.exit(exitCodeOf[name]);
      by = name;
      controller.abort(new DOMException(`ended by ${name}`, 'AbortError'));
    });
  }
  return { signal: controller.signal, by: () => by };
}
