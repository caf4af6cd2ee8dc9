import type { StandingDns } from '../../twin/dns/standing-client';
import type { OwnPostgres } from './cluster-database';

interface ClusterTakeOver {
  readonly dns: Pick<StandingDns, 'setLatch'>;
  readonly database: Pick<OwnPostgres, 'promote'>;
  /** The region that becomes active, and the one that is left. */
  readonly region: string;
  readonly peer: string;
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/**
 * A failover of an environment on clusters, without a word to the region that is lost. The latches first, so that nothing lets
 * it back from when a second primary can exist, and the promotion last: until that is done the database is a replica and the
 * whole may be done again.
 */
export const takeOverCluster =
  ({ dns, database, region, peer, log }: ClusterTakeOver) =>
  async (signal: AbortSignal): Promise<void> => {
    const steps = [
      [`latch of ${peer}: closed`, () => dns.setLatch(peer, 'closed')],
      [`latch of ${region}: open`, () => dns.setLatch(region, 'open')],
      [`PostgreSQL of ${region}: promoted`, () => database.promote()],
    ] as const;
    for (const [step, work] of steps) {
      signal.throwIfAborted();
      const began = performance.now();
      await work();
      log({ event: 'step', step, seconds: Math.round(performance.now() - began) / 1000 });
    }
  };
