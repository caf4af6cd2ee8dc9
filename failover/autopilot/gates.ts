import type { LagSample } from '../operations/lag';
import type { Round } from './round';

/** What a gate is asked with. */
interface Question {
  readonly round: Round;
  /** The wall clock when the peer was last seen serving; undefined when this watch never did. */
  readonly servedAtMs: number | undefined;
  /** In seconds. */
  readonly rpo: number;
}

interface Answer {
  /** Undefined: not known, which does not open the gate. */
  readonly held: boolean | undefined;
  readonly input: string;
}

const minuteMs = 60_000;
/** How old, in milliseconds, the last word about the lag may be when the region is lost: CloudWatch can be late. */
const lagAgeMs = 5 * minuteMs;

const say = (value: boolean | undefined, yes: string, no: string): string =>
  value === undefined ? 'unknown' : value ? yes : no;
const not = (value: boolean | undefined) => (value === undefined ? undefined : !value);

/** Each must hold for a failover without a person; docs/autopilot.md says what each is for. */
export const gates = {
  /** Only a replica can be promoted; and what was promoted is not promoted twice. */
  replica: ({ round }) => ({ held: round.replica, input: say(round.replica, 'replica', 'primary') }),
  /** Route 53's checkers, which are all over the world, no longer send clients to the peer. */
  verdict: ({ round }) => ({
    held: round.witness === undefined ? undefined : round.witness === 'own',
    input: round.witness ?? 'silent',
  }),
  /** What the autopilot sees itself. */
  dark: ({ round }) => ({
    held: not(round.peerServes),
    input: say(round.peerServes, 'serves', 'does not serve'),
  }),
  /** A database that answers has a workload problem, such as a deployment, which a promotion makes worse. */
  'database-silent': ({ round }) => ({
    held: not(round.peerDatabaseAnswers),
    input: say(round.peerDatabaseAnswers, 'answers', 'silent'),
  }),
  /** Three things that fail apart from the peer and from each other: whoever misses one may be the isolated side. */
  connected: ({ round }) => {
    const reached = {
      edge: round.edgeAnswers === true,
      dns: round.witness !== undefined,
      database: round.replica !== undefined,
    };
    return {
      held: Object.values(reached).every(Boolean),
      input: Object.entries(reached)
        .map(([name, answered]) => `${name} ${answered ? 'answers' : 'silent'}`)
        .join(', '),
    };
  },
  /** The region takes over with what it has. */
  'own-serves': ({ round }) => ({
    held: round.ownServes,
    input: say(round.ownServes, 'serves', 'does not serve'),
  }),
  capacity: ({ round: { clusterObjections: against } }) => ({
    held: against && against.length === 0,
    input: against === undefined ? 'unknown' : against.join('; ') || 'enough nodes',
  }),
  /** What would be lost: the lag before the loss, because after it lag grows with the clock and says nothing. */
  'within-rpo': ({ round, servedAtMs, rpo }) => {
    const point = servedAtMs === undefined ? undefined : lastLagBefore(servedAtMs, round.lag ?? []);
    return {
      held: point && point.seconds <= rpo,
      input: point ? `${point.seconds} s behind before the loss, RPO ${rpo} s` : 'unknown',
    };
  },
  'no-operation': ({ round: { operation } }) => ({
    held: operation === undefined ? undefined : operation === 'none' || operation === 'half-done',
    input: operation ?? 'unknown',
  }),
} as const satisfies Record<string, (question: Question) => Answer>;

export type GateName = keyof typeof gates;
export const gateNames = Object.keys(gates).filter((name): name is GateName => name in gates);

/** The last whole minute before the loss. RDS reports -1 where replication does not run, which is no lag. */
function lastLagBefore(lossMs: number, points: readonly LagSample[]): LagSample | undefined {
  const [last] = points
    .filter(({ atMs }) => atMs + minuteMs <= lossMs && atMs >= lossMs - lagAgeMs)
    .sort((one, other) => other.atMs - one.atMs);
  return last && last.seconds >= 0 ? last : undefined;
}
