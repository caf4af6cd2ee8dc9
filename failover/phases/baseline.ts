import { waitFor } from '../../lib/wait';
import { Clients } from '../clients';
import type { Phase } from '../drill';

/** Seconds of undisturbed traffic before the fault, so that the timeline shows what normal looks like. */
const quietSeconds = 3;

export const baseline: Phase = {
  name: 'baseline',
  title: () => 'clients write and read through DNS',
  run: async (drill, note, signal) => {
    const { target, clock, ledger, prefix, observations, budgets, from } = drill;
    drill.clients = new Clients({
      endpoint: target.publicEndpoint,
      ledger,
      clock,
      name: prefix,
      writers: 4,
      readers: 4,
      paceMs: 100,
      observe: (observation) => observations.push(observation),
    });
    const options = {
      budget: budgets.baseline,
      next: 'see the refusals in the evidence',
      everyMs: 100,
      signal,
    };
    await waitFor({ ...options, what: `${from} to acknowledge a client's write` }, () =>
      Promise.resolve(ledger.latest()),
    );
    const start = clock.now();
    await waitFor({ ...options, what: `${quietSeconds} s of traffic without an error` }, () => {
      const since = observations.filter(
        ({ atMs }) => atMs >= Math.max(start, clock.now() - quietSeconds * 1000),
      );
      const undisturbed = since.every(({ outcome, region }) => outcome === 'acknowledged' && region === from);
      return Promise.resolve((clock.now() - start >= quietSeconds * 1000 && undisturbed) || undefined);
    });
    note(`${ledger.writes.length} writes acknowledged by ${from}, no error for ${quietSeconds} s`);
  },
};
