import type { Drill, Phase } from '../drill';

/** @returns by what it was made one */
async function makeStandby(
  drill: Drill,
  region: string,
  active: string,
  signal: AbortSignal,
): Promise<string> {
  drill.tell({ type: 'role', region, role: 'rebuilding' });
  const generation = (drill.roles[region]?.generation ?? 0) + 1;
  drill.roles = { ...drill.roles, [region]: { role: 'standby', generation } };
  await drill.target.declare(drill.roles);
  signal.throwIfAborted();
  const how = await drill.target.rebuild(region, active);
  signal.throwIfAborted();
  // With both regions healthy Route 53 answers the PRIMARY, so a standby that is the PRIMARY stays latched out.
  await drill.target.setLatch(region, region === drill.primary ? 'closed' : 'open');
  drill.tell({ type: 'mark', label: `standby, generation ${generation}`, region });
  drill.tell({ type: 'role', region, role: 'standby' });
  return how;
}

export const rebuild: Phase = {
  name: 'rebuild',
  only: 'failover',
  title: ({ from, to }) => `make ${from} a standby of ${to}`,
  run: async (drill, note, signal) => {
    const how = await makeStandby(drill, drill.from, drill.to, signal);
    note(`${how} from ${drill.to}, streaming; generation ${drill.roles[drill.from]?.generation ?? '?'}`);
  },
};

/** The pair is whole again only when the region that was switched away from stands by, and may be routed to. */
export const restore: Phase = {
  name: 'restore',
  only: 'failover',
  title: ({ from, to }) => `make ${to} a standby of ${from} again`,
  run: async (drill, note, signal) => {
    const how = await makeStandby(drill, drill.to, drill.from, signal);
    note(`${how} from ${drill.from}, streaming; the pair is as it was before the drill`);
  },
};
