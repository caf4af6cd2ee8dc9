import { waitFor } from '../../lib/wait';
import type { Phase } from '../drill';
import { readIds } from '../ledger';
import { measureRecovery } from '../movement';

/** Seconds without an error after which the region counts as mended. */
const quietSeconds = 3;
/** Seconds after which a fault that no client noticed is not waited for any more. */
const noticeSeconds = 15;

/** Nobody does anything: what runs the region has to bring it back, and nothing that was acknowledged may be gone. */
export const heal: Phase = {
  name: 'heal',
  only: 'heal',
  title: ({ from }) => `${from} mends itself, in its place`,
  run: async (drill, note, signal) => {
    const { target, clock, ledger, observations, budgets, from, times, tell } = drill;
    const fault = times.fault ?? clock.now();
    await waitFor(
      {
        what: `${quietSeconds} s of traffic from ${from} without an error`,
        budget: budgets.heal,
        next: `look at what runs ${from}: it did not bring back what was broken`,
        everyMs: 100,
        signal,
      },
      () => {
        const now = clock.now();
        const well = observations.map(({ outcome, region }) => outcome === 'acknowledged' && region === from);
        const lastError = observations[well.lastIndexOf(false)]?.atMs ?? 0;
        const noticed = lastError >= fault || now - fault >= noticeSeconds * 1000;
        return Promise.resolve(
          (noticed && now - Math.max(lastError, fault) >= quietSeconds * 1000) || undefined,
        );
      },
    );
    const comparison = await ledger.compare(() => readIds(target.pinnedEndpoint(from), drill.prefix));
    const movement = measureRecovery(drill, { region: from, startedAtMs: fault, comparison });
    drill.movements.push(movement);
    tell({ type: 'mark', label: 'mended', region: from });
    note(
      `${movement.rto.totalSeconds.toFixed(2)} s without a write; ${comparison.acknowledged} acknowledged, ${comparison.lost.length} lost`,
    );
  },
};
