import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../drill';
import { readIds } from '../ledger';
import { measureMovement } from '../movement';

/** Lets the clients settle in the new region, then lists what is missing there. */
export const verify: Phase = {
  name: 'verify',
  only: 'failover',
  title: ({ to }) => `compare every acknowledged write with what ${to} holds`,
  run: async (drill, note, signal) => {
    await sleep(1000, undefined, { signal });
    const comparison = await drill.ledger.compare(() =>
      readIds(drill.target.pinnedEndpoint(drill.to), drill.prefix),
    );
    const { from, to, times } = drill;
    drill.movements.push(
      measureMovement(drill, {
        kind: 'failover',
        from,
        to,
        startedAtMs: times.fault ?? 0,
        oldStoppedAtMs: times.verdict ?? 0,
        promotedAtMs: times.promoted ?? 0,
        comparison,
      }),
    );
    note(`${comparison.acknowledged} acknowledged, ${comparison.lost.length} lost`);
  },
};
