import type { Target } from '../target';
import type { Cluster } from './kubernetes-cluster';

interface Journey {
  readonly target: Pick<Target, 'declare' | 'promote' | 'rebuild' | 'replicationLagBytes' | 'setLatch'>;
  /** Where the active region is to be, and the one that is active instead. */
  readonly home: Cluster;
  readonly away: Cluster;
  readonly follows: () => Promise<boolean>;
  readonly until: (what: string, probe: () => Promise<boolean>) => Promise<void>;
}

/** Whether a drill that died left the other region active: the later timeline is the active one's. */
export async function isAway({ home, away }: Pick<Journey, 'home' | 'away'>): Promise<boolean> {
  if (await away.isStandby()) return false;
  return (await home.isStandby()) || (await away.timeline()) > (await home.timeline());
}

/** Switches over to where the active region is declared to be, as the drill itself would have; loses nothing. */
export async function bringHome({ target, home, away, follows, until }: Journey): Promise<void> {
  const [to, from] = [home.region, away.region];
  if (!(await follows())) {
    await target.declare({ [to]: { role: 'standby', generation: 1 } });
    await target.rebuild(to, from);
  }
  await target.setLatch(to, 'open');
  await target.setLatch(from, 'closed');
  await until(`${from} to stop taking writes`, async () => !(await away.takesWrites()));
  await until(`${to} to replay everything`, async () => (await target.replicationLagBytes(from, to)) === 0);
  await target.promote(to);
}
