import type { Phase } from '../drill';

/**
 * Latch first, then promote: from the moment a second primary can exist, nothing lets the lost region back by itself. Both
 * calls go to the surviving region only.
 */
export const promote: Phase = {
  name: 'promote',
  only: 'failover',
  title: ({ from, to }) => `latch ${from} out, promote ${to}`,
  run: async ({ target, from, to, clock, times, tell }, note, signal) => {
    await target.setLatch(from, 'closed');
    signal.throwIfAborted();
    const began = clock.now();
    await target.promote(to);
    times.promoted = clock.now();
    tell({ type: 'mark', label: 'promoted', region: to });
    tell({ type: 'role', region: to, role: 'active' });
    note(
      `PostgreSQL promoted in ${((times.promoted - began) / 1000).toFixed(2)} s; the latch of ${from} is closed`,
    );
  },
};
