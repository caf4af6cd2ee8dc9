import type { Observation } from './clients';
import type { Drill } from './drill';
import type { Movement } from './evidence/record';
import type { Comparison } from './ledger';

export interface MovementFacts {
  readonly kind: 'failover' | 'switchover';
  readonly from: string;
  readonly to: string;
  readonly startedAtMs: number;
  /** When the old region was out: Route 53's verdict (failover), or its last write drained (switchover). */
  readonly oldStoppedAtMs: number;
  readonly promotedAtMs: number;
  readonly comparison: Comparison;
}

/** What clients measured of one movement of the active role; its parts add up to its whole. */
export function measureMovement(
  drill: Pick<Drill, 'ledger'> & { readonly observations: readonly Observation[] },
  facts: MovementFacts,
): Movement {
  const { kind, from, to, startedAtMs, comparison } = facts;
  const writes = drill.ledger.writes;
  const first = writes.find(({ region, atMs }) => region === to && atMs >= startedAtMs)?.atMs ?? startedAtMs;
  const last = writes.findLast(({ region, atMs }) => region === from && atMs <= first)?.atMs ?? startedAtMs;
  const routed =
    drill.observations.find(({ region, atMs }) => region === to && atMs >= startedAtMs)?.atMs ?? first;
  // Boundaries in the order of the chain; what happened ahead of its predecessor took no time of its own.
  const stopped = clamp(facts.oldStoppedAtMs, last, first);
  const promoted = clamp(facts.promotedAtMs, stopped, first);
  const reached = clamp(routed, promoted, first);
  return {
    kind,
    from,
    to,
    startedAtMs,
    lastWriteBeforeAtMs: last,
    firstWriteAfterAtMs: first,
    rto: {
      detectSeconds: (stopped - last) / 1000,
      promoteSeconds: (promoted - stopped) / 1000,
      routeSeconds: (reached - promoted) / 1000,
      firstWriteSeconds: (first - reached) / 1000,
      totalSeconds: (first - last) / 1000,
    },
    ...lossOf(comparison, startedAtMs),
  };
}

/**
 * What clients measured of a region that mended itself: the longest time without an acknowledged write since the fault. Nothing
 * was detected, promoted or routed, so that all of it is the way to the first write.
 */
export function measureRecovery(
  { ledger: { writes } }: Pick<Drill, 'ledger'>,
  {
    region,
    startedAtMs,
    comparison,
  }: Pick<MovementFacts, 'startedAtMs' | 'comparison'> & { readonly region: string },
): Movement {
  const own = writes.filter((write) => write.region === region);
  let [last, first] = [startedAtMs, startedAtMs];
  own.forEach(({ atMs }, index) => {
    const before = own[index - 1]?.atMs ?? atMs;
    if (atMs >= startedAtMs && atMs - before > first - last) [last, first] = [before, atMs];
  });
  const totalSeconds = (first - last) / 1000;
  return {
    kind: 'recovery',
    from: region,
    to: region,
    startedAtMs,
    lastWriteBeforeAtMs: last,
    firstWriteAfterAtMs: first,
    rto: {
      detectSeconds: 0,
      promoteSeconds: 0,
      routeSeconds: 0,
      firstWriteSeconds: totalSeconds,
      totalSeconds,
    },
    ...lossOf(comparison, startedAtMs),
  };
}

/** What the comparison found, as the evidence has it; a loss counts back from `startedAtMs`. */
function lossOf({ acknowledged, lost, unacknowledgedPresent }: Comparison, startedAtMs: number) {
  const lostWrites = lost.map(({ id, atMs }) => ({
    id,
    acknowledgedAtMs: atMs,
    secondsBeforeFault: Math.max(0, startedAtMs - atMs) / 1000,
    onFencedRegion: null,
  }));
  return {
    acknowledgedWrites: acknowledged,
    lostWrites,
    unacknowledgedPresent,
    lossWindowSeconds: Math.max(0, ...lostWrites.map(({ secondsBeforeFault }) => secondsBeforeFault)),
  };
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
