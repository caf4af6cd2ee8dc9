import type { AutopilotTiming } from '../../environments/autopilot';
import { gateNames, gates, type GateName } from './gates';
import type { Round } from './round';

/** What is carried from one round to the next. */
export interface Memory {
  /** Since when each gate holds without a break, on the clock that never goes back; a gate that does not hold is missing. */
  readonly since: Readonly<Partial<Record<GateName, number>>>;
  readonly last?: Pick<Round, 'atMs' | 'wallMs'>;
  /** The wall clock when the peer region was last seen serving: the loss is not before that. */
  readonly servedAtMs?: number;
}

/** A gate as it is after a round. */
export interface GateState {
  readonly gate: GateName;
  /** Undefined: nothing was seen that says so or otherwise, which opens no gate. */
  readonly held: boolean | undefined;
  /** For how long it has held without a break. */
  readonly seconds: number;
  /** What was seen. */
  readonly input: string;
}

export type Verdict = 'stay' | 'ask' | 'fail-over';

export interface Decision {
  readonly verdict: Verdict;
  /** Why, for whoever reads the log. */
  readonly reason: string;
  readonly gates: readonly GateState[];
  /** Why every gate counts from this round on: the round before was too long ago, or the wall clock jumped. */
  readonly interrupted?: 'gap' | 'clock';
}

/**
 * Decides after a round. It fails over only when every gate held in every round of a whole window, without a gap between
 * rounds and without a jump of the wall clock; a look that is missing breaks its gate. People are asked when the region
 * seems lost and a gate is in the way, or when Route 53 and the autopilot differ for too long.
 */
export function decide(
  memory: Memory,
  round: Round,
  timing: AutopilotTiming,
): { readonly decision: Decision; readonly memory: Memory } {
  const interrupted = interruption(memory, round, timing);
  // After a jump of the wall clock the last sight of the peer can't be compared with AWS's times any more.
  const kept = interrupted === 'clock' ? undefined : memory.servedAtMs;
  const servedAtMs = round.peerServes === true ? round.wallMs : kept;
  const before = interrupted ? {} : memory.since;
  const since: Partial<Record<GateName, number>> = {};
  const states = gateNames.map((gate): GateState => {
    const { held, input } = gates[gate]({ round, servedAtMs, rpo: timing.rpo });
    if (held === true) since[gate] = before[gate] ?? round.atMs;
    return { gate, held, seconds: (round.atMs - (since[gate] ?? round.atMs)) / 1000, input };
  });
  const { atMs, wallMs } = round;
  return {
    decision: { ...verdictOf(states, round, timing), gates: states, ...(interrupted && { interrupted }) },
    memory: { since, last: { atMs, wallMs }, ...(servedAtMs !== undefined && { servedAtMs }) },
  };
}

/** Whether what was seen before this round says nothing about the time since. */
function interruption({ last }: Memory, { atMs, wallMs }: Round, { gap }: AutopilotTiming) {
  if (last === undefined) return undefined;
  const passed = atMs - last.atMs;
  // The clocks differ when somebody set the time, and when the machine was frozen while its own clock stood.
  if (Math.abs(wallMs - last.wallMs - passed) > gap * 1000) return 'clock' as const;
  return passed > gap * 1000 || passed < 0 ? ('gap' as const) : undefined;
}

function verdictOf(
  states: readonly GateState[],
  round: Round,
  { window, patience }: AutopilotTiming,
): Pick<Decision, 'verdict' | 'reason'> {
  const stay = (reason: string) => ({ verdict: 'stay' as const, reason });
  const ask = (reason: string) => ({ verdict: 'ask' as const, reason });
  const lasted = (gate: GateName, seconds: number) =>
    states.some((state) => state.gate === gate && state.held === true && state.seconds >= seconds);

  if (round.replica === false) {
    return round.operation === 'half-done'
      ? ask('the database here is promoted, and the failover that did it is not done')
      : stay('the database here is a primary: there is nothing to promote');
  }
  if (gateNames.every((gate) => lasted(gate, window))) {
    return { verdict: 'fail-over', reason: `every gate held for ${window} s` };
  }
  if (round.operation === 'under-way') return stay('an operation is under way');

  const closed = states.filter(({ held }) => held !== true).map(({ gate }) => gate);
  if (lasted('verdict', window) && lasted('dark', window) && closed.length > 0) {
    return ask(`the peer region seems lost, but not: ${closed.join(', ')}`);
  }
  if (lasted('verdict', patience) || lasted('dark', patience)) {
    return ask(
      closed.length > 0
        ? `signs of a loss for ${patience} s, but not: ${closed.join(', ')}`
        : `signs of a loss for ${patience} s, but not every gate stays open`,
    );
  }
  if (closed.includes('verdict') && closed.includes('dark')) return stay('no sign of a loss');
  return stay(
    closed.length > 0
      ? `signs of a loss, but not: ${closed.join(', ')}`
      : `waiting until ${window} s are full`,
  );
}
