import type { Phase } from '../drill';

/** Nothing is hurt before the pair stands whole: one region that takes writes, one that follows it. */
export const preflight: Phase = {
  name: 'preflight',
  title: () => 'bring up both regions',
  run: async ({ target, from, to, tell }, note) => {
    await target.prepare(from, note);
    tell({ type: 'role', region: from, role: 'active' });
    tell({ type: 'role', region: to, role: 'standby' });
    note(`${target.software.postgres}; cache: ${target.software.cache}`);
  },
};
