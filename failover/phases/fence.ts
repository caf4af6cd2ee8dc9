import { TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { Clients, type Observation } from '../clients';
import type { Drill, Phase } from '../drill';
import { Ledger, readIds } from '../ledger';

/** Seconds that the returned region must refuse while it is up and clients hammer its address. */
const heldSeconds = 3;

/**
 * The lost region comes back by itself with the data and settings it died with. Clients that pinned its address have been
 * trying all along, so a single accepted write, even the very first, shows.
 */
export const fence: Phase = {
  name: 'fence',
  title: ({ from }) => `${from} comes back by itself and must refuse writes`,
  run: async (drill, note, signal) => {
    const { target, from, clock, budgets, tell, times } = drill;
    const seen: Observation[] = [];
    const pinned = new Clients({
      endpoint: target.pinnedEndpoint(from),
      ledger: new Ledger(),
      clock,
      name: `${drill.prefix}-pinned`,
      writers: 2,
      readers: 0,
      paceMs: 20,
      observe: (observation) => {
        seen.push(observation);
        drill.observations.push({ ...observation, region: from });
      },
    });
    // Also while the region hangs on its way back.
    signal.addEventListener('abort', () => void pinned.stop(), { once: true });
    try {
      target.mendLink();
      await target.comeBack(from);
      times.cameBack = clock.now();
      tell({ type: 'mark', label: 'back by itself', region: from });
      tell({ type: 'role', region: from, role: 'fenced' });
      await waitFor(
        {
          what: `${heldSeconds} s of refusals by ${from}`,
          budget: budgets.fence,
          next: `look in the evidence at what clients pinned to ${from} were answered`,
          everyMs: 50,
          signal,
        },
        () => Promise.resolve(accepted(seen) > 0 || heldFor(seen) >= heldSeconds || undefined),
      );
    } finally {
      await pinned.stop();
    }
    recordFence(drill, seen);
    if (accepted(seen) > 0) {
      throw new TandemError('FenceBroken', {
        found: `${from} acknowledged ${accepted(seen)} writes after ${drill.to} had been promoted`,
        expected: 'that it refuses every one',
        next: `stop ${from} before anything else: two regions take writes`,
      });
    }
    await lookUpLostWrites(drill);
    note(`${seen.length} writes tried on its own address: none accepted, ${refused(seen).length} refused`);
  },
};

const accepted = (seen: readonly Observation[]): number =>
  seen.filter(({ outcome }) => outcome === 'acknowledged').length;

const refused = (seen: readonly Observation[]): readonly Observation[] =>
  seen.filter(({ outcome }) => outcome === 'refused');

/** Seconds between the first and the last refusal: the region was up and said no. */
function heldFor(seen: readonly Observation[]): number {
  const answers = refused(seen);
  return ((answers.at(-1)?.atMs ?? 0) - (answers[0]?.atMs ?? 0)) / 1000;
}

function recordFence(drill: Drill, seen: readonly Observation[]): void {
  const reasons: Record<string, number> = {};
  for (const { reason = 'none given' } of refused(seen)) reasons[reason] = (reasons[reason] ?? 0) + 1;
  drill.fence = {
    region: drill.from,
    attempts: seen.length,
    unreachable: seen.filter(({ outcome }) => outcome === 'failed').length,
    refused: refused(seen).length,
    accepted: accepted(seen),
    reasons,
    heldSeconds: heldFor(seen),
  };
}

/** The lost writes may still stand in the fenced region's database, where a person can recover them. */
async function lookUpLostWrites(drill: Drill): Promise<void> {
  const held = await readIds(drill.target.pinnedEndpoint(drill.from), drill.prefix);
  drill.movements.forEach((movement, index) => {
    drill.movements[index] = {
      ...movement,
      lostWrites: movement.lostWrites.map((write) => ({ ...write, onFencedRegion: held.has(write.id) })),
    };
  });
}
