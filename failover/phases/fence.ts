import { TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { Clients, type Observation } from '../clients';
import { type Drill, type Phase, scenarios } from '../drill';
import { Ledger, readIds } from '../ledger';

/** Seconds that the returned region must refuse while it is up and clients hammer its address. */
const heldSeconds = 3;

/**
 * Seconds that a region which had run on, unreachable, may take to notice: its gate looks at DNS and at its peer every second,
 * and trusts no look that is older than four (apps/reference/server.ts). What it takes until then is lost, and listed.
 */
const noticeSeconds = 4;

/**
 * The lost region comes back by itself with the data and settings it died with. Clients that pinned its address have been
 * trying all along, so a single accepted write, even the very first, shows.
 */
export const fence: Phase = {
  name: 'fence',
  only: 'failover',
  title: ({ from }) => `${from} comes back by itself and must refuse writes`,
  run: async (drill, note, signal) => {
    const { target, from, clock, budgets, tell, times } = drill;
    const seen: Observation[] = [];
    const ledger = new Ledger();
    const pinned = new Clients({
      endpoint: target.pinnedEndpoint(from),
      ledger,
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
      await target.mendLink();
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
        () => Promise.resolve(accepted(drill, seen) > 0 || heldFor(seen) >= heldSeconds || undefined),
      );
    } finally {
      await pinned.stop();
    }
    recordFence(drill, seen);
    if (accepted(drill, seen) > 0) {
      throw new TandemError('FenceBroken', {
        found: `${from} acknowledged ${accepted(drill, seen)} writes after ${drill.to} had been promoted`,
        expected: 'that it refuses every one',
        next: `stop ${from} before anything else: two regions take writes`,
      });
    }
    addLetThrough(drill, ledger);
    await lookUpLostWrites(drill);
    note(
      `${seen.length} writes tried on its own address: none accepted, ${refused(seen).length} refused${
        taken(seen).length > 0 ? `; ${taken(seen).length} taken before it noticed` : ''
      }`,
    );
  },
};

const taken = (seen: readonly Observation[]): readonly Observation[] =>
  seen.filter(({ outcome }) => outcome === 'acknowledged');

/** Writes that it may not have taken: all of them, but for those of a region that could not know yet. */
function accepted({ scenario }: Drill, seen: readonly Observation[]): number {
  const ranOn = scenarios[scenario].faults.some((fault) => fault === 'cut-region');
  const answered = seen.find(({ outcome }) => outcome !== 'failed')?.atMs ?? 0;
  const noticedMs = answered + (ranOn ? noticeSeconds * 1000 : 0);
  return taken(seen).filter(({ atMs }) => !ranOn || atMs > noticedMs).length;
}

const refused = (seen: readonly Observation[]): readonly Observation[] =>
  seen.filter(({ outcome }) => outcome === 'refused');

/** Seconds for which it has done nothing but refuse: it was up and said no. */
function heldFor(seen: readonly Observation[]): number {
  const answers = seen.slice(seen.findLastIndex(({ outcome }) => outcome !== 'refused') + 1);
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
    letThrough: taken(seen).length - accepted(drill, seen),
    accepted: accepted(drill, seen),
    reasons,
    heldSeconds: heldFor(seen),
  };
}

/** The new active region never saw what the other took before it noticed: that is lost with its old timeline. */
function addLetThrough(drill: Drill, ledger: Ledger): void {
  const lost = ledger.writes.map(({ id, atMs }) => ({
    id,
    acknowledgedAtMs: atMs,
    secondsBeforeFault: 0,
    onFencedRegion: null,
  }));
  drill.movements.forEach((movement, index) => {
    drill.movements[index] = {
      ...movement,
      acknowledgedWrites: movement.acknowledgedWrites + lost.length,
      lostWrites: [...movement.lostWrites, ...lost],
    };
  });
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
