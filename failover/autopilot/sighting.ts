import { setMaxListeners } from 'node:events';
import { roundSeconds } from '../../environments/autopilot';
import { reasonOf } from '../../lib/errors';
import type { Round } from './round';

/** Within a round, and before the next one: what has not answered by then was not seen. */
const deadlineMs = (roundSeconds - 1) * 1000;

type Seen = Omit<Round, 'atMs' | 'wallMs'>;

/** How each thing that a round sees is looked at. A look that throws saw nothing; its signal is the end of the round. */
export type Looks = {
  readonly [Look in keyof Seen]-?: (signal: AbortSignal) => Promise<NonNullable<Seen[Look]>>;
};

/** What a round saw, and why it did not see the rest. */
export interface Sighting {
  readonly round: Round;
  /** By look, in words; empty when every look saw something. */
  readonly missed: Readonly<Record<string, string>>;
}

/** Looks at everything at once. Takes at most a second less than a round; never throws, but for the signal's reason when aborted. */
export async function sight(looks: Looks, signal: AbortSignal): Promise<Sighting> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  // As many listeners as there are looks and sockets.
  setMaxListeners(0, within);
  const missed: Record<string, string> = {};
  const see = async <T>(
    what: keyof Looks,
    look: (within: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await orAborted(look(within), within);
    } catch (thrown) {
      missed[what] = reasonOf(thrown);
      return undefined;
    }
  };
  const [
    witness,
    peerServes,
    ownServes,
    edgeAnswers,
    peerDatabaseAnswers,
    replica,
    lag,
    operation,
    clusterObjections,
  ] = await Promise.all([
    see('witness', looks.witness),
    see('peerServes', looks.peerServes),
    see('ownServes', looks.ownServes),
    see('edgeAnswers', looks.edgeAnswers),
    see('peerDatabaseAnswers', looks.peerDatabaseAnswers),
    see('replica', looks.replica),
    see('lag', looks.lag),
    see('operation', looks.operation),
    see('clusterObjections', looks.clusterObjections),
  ]);
  signal.throwIfAborted();
  return {
    missed,
    round: {
      atMs: performance.now(),
      wallMs: Date.now(),
      ...(witness !== undefined && { witness }),
      ...(peerServes !== undefined && { peerServes }),
      ...(ownServes !== undefined && { ownServes }),
      ...(edgeAnswers !== undefined && { edgeAnswers }),
      ...(peerDatabaseAnswers !== undefined && { peerDatabaseAnswers }),
      ...(replica !== undefined && { replica }),
      ...(lag !== undefined && { lag }),
      ...(operation !== undefined && { operation }),
      ...(clusterObjections !== undefined && { clusterObjections }),
    },
  };
}

/** A look that ends with the deadline, whether or not what it waits for can be ended: DNS and the SDK's own retries can't. */
function orAborted<T>(look: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TypeError(`no answer within ${deadlineMs / 1000} s`));
    signal.addEventListener('abort', late, { once: true });
    look.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}
