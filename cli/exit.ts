import { asCoded } from '../lib/errors';

/** Exit codes, as the README and `tandem --help` list them; 2 is left to plan's -detailed-exitcode. */
export const exitCodes = {
  done: 0,
  failed: 1,
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
 * A signal that aborts when the process is asked to end, so that a command can end in order. A second request ends the
 * process at once; the next drill cleans up after it.
 */
export function interruptible(): {
  readonly signal: AbortSignal;
  readonly by: () => Interruption | undefined;
} {
  const controller = new AbortController();
  let by: Interruption | undefined;
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      by ??= name;
      controller.abort(new DOMException(`ended by ${name}`, 'AbortError'));
    });
  }
  return { signal: controller.signal, by: () => by };
}
