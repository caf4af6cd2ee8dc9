import { setTimeout as sleep } from 'node:timers/promises';
import { type AutopilotTiming, roundSeconds } from '../../environments/autopilot';
import { asCoded, reasonOf } from '../../lib/errors';
import { type Decision, decide, type Memory } from './decide';
import type { Sighting } from './sighting';

/** How often, in seconds, CloudWatch hears from a watch that has nothing new to say: the alarm's period. */
const reportSeconds = 60;

export interface WatchOptions {
  /** `observe` says what it would do, asks people to do it, and changes nothing. */
  readonly mode: 'observe' | 'act';
  readonly timing: AutopilotTiming;
  /** One round of looks. */
  readonly look: (signal: AbortSignal) => Promise<Sighting>;
  /** The failover operation, to this region. */
  readonly failover: (signal: AbortSignal) => Promise<void>;
  /** Tells CloudWatch whether people are asked. */
  readonly report: (asks: boolean) => Promise<void>;
  /** A fact for the log, an object each. */
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two rounds; tests shorten it together with the timing. */
  readonly everyMs?: number;
}

/**
 * Looks, decides and acts until the signal. Every change of the decision or of a gate is one line of the log, with all inputs.
 * A failover that fails is told to people and tried again when every gate has held for another whole window.
 */
export async function watch(options: WatchOptions): Promise<void> {
  const { mode, timing, look, log, signal, everyMs = roundSeconds * 1000 } = options;
  const report = reporter(options);
  let memory: Memory = { since: {} };
  let shown = '';
  while (!signal.aborted) {
    const began = performance.now();
    try {
      const { round, missed } = await look(signal);
      const judged = decide(memory, round, timing);
      memory = judged.memory;
      const { decision } = judged;
      const outline = outlineOf(decision);
      if (outline !== shown) log({ event: 'decision', mode, ...decision, missed });
      shown = outline;
      if (decision.verdict === 'fail-over' && mode === 'act') {
        memory = { ...memory, since: {} };
        report(!(await failOver(options)));
      } else {
        report(decision.verdict !== 'stay');
      }
    } catch (thrown) {
      if (!options.signal.aborted) throw thrown;
    }
    await sleep(Math.max(0, everyMs - (performance.now() - began)), undefined, { signal }).catch(
      () => undefined,
    );
  }
  log({ event: 'ended', reason: reasonOf(signal.reason) });
}

/** What has to change to be worth a line: not how long a gate has held, nor figures that move all the time. */
const outlineOf = ({ verdict, reason, gates, interrupted }: Decision): string =>
  [verdict, reason, interrupted, ...gates.map(({ gate, held }) => `${gate} ${held ?? 'unknown'}`)].join('\n');

/** Somebody else is at it: the other of two autopilots, or a person. */
const elsewhere: readonly string[] = ['OperationLost', 'OperationUnderWay'];

/** @returns whether nobody has to be asked for it: it went through, or somebody else is at it */
async function failOver({ failover, log, signal }: WatchOptions): Promise<boolean> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  log({ event: 'failover-started' });
  try {
    await failover(signal);
    log({ event: 'failover-done', seconds: seconds() });
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asCoded(thrown);
    const theirs = elsewhere.includes(error.code);
    log({
      event: theirs ? 'failover-elsewhere' : 'failover-failed',
      seconds: seconds(),
      error: error.toJSON(),
    });
    return theirs;
  }
}

/**
 * Tells each change at once and the rest once a minute, beside the rounds: an API that does not answer may not hold them up. That it
 * can not tell is a line of the log and stops nothing; the next round tries again.
 */
function reporter({ report, log, signal }: WatchOptions) {
  let last: { readonly asks: boolean; readonly atMs: number } | undefined;
  let busy = false;
  return (asks: boolean): void => {
    const atMs = performance.now();
    if (busy || (last?.asks === asks && atMs - last.atMs < reportSeconds * 1000)) return;
    busy = true;
    report(asks)
      .then(
        () => {
          last = { asks, atMs };
        },
        (thrown: unknown) => {
          if (!signal.aborted) log({ event: 'report-failed', error: reasonOf(thrown) });
        },
      )
      .finally(() => {
        busy = false;
      });
  };
}
