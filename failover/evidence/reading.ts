import { formatAt, formatCount, formatNumber, formatSeconds, formatWriteSeconds } from './format';
import type { Evidence, Movement } from './record';

/** The answer in one sentence: did the environment come back as its objectives ask? */
export function headline({ outcome, objectives, phases, error }: Evidence): string {
  const last = phases.at(-1);
  switch (outcome) {
    case 'met':
      return 'Came back, within every objective';
    case 'missed': {
      const missed = objectives.filter((objective) => !objective.met).map((objective) => objective.name);
      return `Came back, but missed ${missed.join(' and ') || 'an objective'}`;
    }
    case 'failed': {
      const phase = phases.find(({ outcome }) => outcome === 'failed')?.name;
      return `Failed${phase ? ` in ${phase}` : ''}${error ? `: ${error.code}` : ''}`;
    }
    case 'interrupted':
      if (!last) return 'Interrupted before the first phase';
      return `Interrupted ${last.outcome === 'done' ? 'after' : 'during'} ${last.name}`;
  }
}

/** What was tried: environment, target and scenario. */
export const subject = ({ environment, target, scenario }: Evidence): string =>
  `${environment} on ${target}, scenario ${scenario}`;

/** What stands in place of RTO and lost writes when no movement was completed. */
export const notMeasured = 'No movement was completed: neither an RTO nor lost writes were measured.';

export const movementTitle = ({ kind, from, to }: Movement): string =>
  kind === 'recovery'
    ? `Recovery of ${from}`
    : `${kind === 'failover' ? 'Failover' : 'Switchover'} ${from} → ${to}`;

/** A line of a sum of seconds: what it is called, what it means, how long. */
export interface Entry {
  readonly name: string;
  readonly what: string;
  readonly seconds: number;
}

/**
 * The RTO split where the phases meet, in order; a switchover waits for no verdict, but for writes to drain, and a recovery
 * has no parts. Where no client was, neither a verdict nor a first write was waited for.
 */
export const rtoParts = (movement: Movement): readonly Entry[] =>
  movement.noLoad === undefined
    ? partsOf(movement)
    : partsOf(movement)
        .filter(({ name }) => name !== 'detect' && name !== 'first write')
        .map((part) =>
          part.name === 'route' ? { ...part, what: 'until nothing kept the new region out of DNS' } : part,
        );

const partsOf = ({ kind, rto }: Movement): readonly Entry[] =>
  kind === 'recovery'
    ? [{ name: 'mend', what: 'until a write was acknowledged again', seconds: rto.firstWriteSeconds }]
    : [
        kind === 'failover'
          ? { name: 'detect', what: 'until Route 53’s verdict was unhealthy', seconds: rto.detectSeconds }
          : {
              name: 'drain',
              what: 'until the old region’s last write was drained',
              seconds: rto.detectSeconds,
            },
        { name: 'promote', what: 'until the standby’s database took writes', seconds: rto.promoteSeconds },
        { name: 'route', what: 'until DNS answered with the new region', seconds: rto.routeSeconds },
        { name: 'first write', what: 'until a write was acknowledged there', seconds: rto.firstWriteSeconds },
      ];

/** What the parts of the RTO add up to, as a client measured it or the journal has it. */
export const measuredEntry = ({ rto, noLoad }: Movement): Entry => ({
  name: 'measured',
  what:
    noLoad === undefined
      ? 'last acknowledged write to first'
      : 'the old region told to leave until the new one was open, by the journal',
  seconds: rto.totalSeconds,
});

/** What a movement's seconds count. */
export const gapTitle = ({ noLoad }: Movement): string =>
  noLoad === undefined
    ? 'time without an acknowledged write'
    : 'time in which no write may have been taken, at most';

/** What production's settings add to a failover at worst; a switchover waits for none of them. */
export const withheldEntries = ({ shortened }: Evidence, { kind }: Movement): readonly Entry[] =>
  (kind === 'failover' ? shortened : [])
    .filter(({ withheldSeconds }) => withheldSeconds > 0)
    .map(({ what, production, here, withheldSeconds }) => ({
      name: `+ ${what}`,
      what: `production ${production}, here ${here}`,
      seconds: withheldSeconds,
    }));

/** What the objective is held against: measured, and what shortening withheld at worst. */
export const countedEntry = (evidence: Evidence, movement: Movement): Entry => ({
  name: 'counted',
  what: 'held against the objective',
  seconds: withheldEntries(evidence, movement).reduce(
    (sum, { seconds }) => sum + seconds,
    movement.rto.totalSeconds,
  ),
});

/** What a lost write's seconds count back from. */
export const beforeWhat = ({ kind }: Movement): string =>
  kind === 'switchover' ? 'before the old region stopped writing' : 'before the fault';

/** What the comparison of the client's ledger with the new active region found, or why there was none. */
export function lossSentence(movement: Movement): string {
  const { lostWrites, acknowledgedWrites, lossWindowSeconds, noLoad } = movement;
  if (noLoad !== undefined) return `No writes were counted; ${noLoad}`;
  const compared = `${formatNumber(acknowledgedWrites)} acknowledged`;
  if (lostWrites.length === 0) return `Nothing was lost: all ${compared} writes are there`;
  const recoverable = lostWrites.filter(({ onFencedRegion }) => onFencedRegion === true).length;
  return (
    `${formatCount(lostWrites.length, 'write')} lost of ${compared}, the first ${formatSeconds(lossWindowSeconds)} ` +
    `${beforeWhat(movement)}; ${formatNumber(recoverable)} still readable in the fenced region`
  );
}

/** Writes that are there although their client was not told so; legal, but not silent. */
export const unacknowledgedSentence = ({ unacknowledgedPresent }: Movement): string =>
  `${formatCount(unacknowledgedPresent, 'write')} present although the client saw an error or no answer.`;

/** Lists of lost writes longer than this are folded, or cut where they can not be. */
export const mostOpen = 20;

/** Every lost write: id, when it was acknowledged, how long before, whether a person can still read it. */
export const lostRows = ({ lostWrites }: Movement) =>
  lostWrites.map(({ id, acknowledgedAtMs, secondsBeforeFault, onFencedRegion }) => ({
    id,
    acknowledgedAt: formatWriteSeconds(acknowledgedAtMs / 1000),
    before: formatWriteSeconds(secondsBeforeFault),
    readable: onFencedRegion === null ? 'not looked up' : onFencedRegion ? 'yes' : 'no',
  }));

/** Whether the fence is proven: refused writes prove it, unreachable ones alone prove nothing. */
export function fenceFinding({ fence }: Evidence): { proven: boolean; short: string; sentence: string } {
  if (!fence) return { proven: false, short: 'not tried', sentence: 'The fence was not tried in this run.' };
  const { region, attempts, refused, accepted, letThrough, heldSeconds } = fence;
  if (accepted > 0) {
    const sentence = `${region} accepted ${formatCount(accepted, 'write')} of ${formatNumber(attempts)} while fenced.`;
    return { proven: false, short: 'broken', sentence };
  }
  if (refused === 0) {
    const sentence = `${region} answered none of ${formatCount(attempts, 'attempt')}: nothing shows that it refuses.`;
    return { proven: false, short: 'not proven', sentence };
  }
  const sentence = `${region} was up for ${formatSeconds(heldSeconds)} and refused ${formatCount(refused, 'write')}; it accepted none${letThrough > 0 ? ` after ${formatCount(letThrough, 'write')} that it took before it noticed, which are listed as lost` : ''}.`;
  return { proven: true, short: 'held', sentence };
}

/** Each answer that pinned clients got from the fenced region, and how often; empty when it was not tried. */
export function fenceRows({ fence }: Evidence): string[][] {
  if (!fence) return [];
  return [
    ['attempts', formatNumber(fence.attempts)],
    ['unreachable', formatNumber(fence.unreachable)],
    ['refused', formatNumber(fence.refused)],
    ...Object.entries(fence.reasons).map(([reason, count]) => [`refused: ${reason}`, formatNumber(count)]),
    ['taken before it noticed', formatNumber(fence.letThrough)],
    ['accepted', formatNumber(fence.accepted)],
  ];
}

/** An objective's row: what was measured, what shortening withheld, what counts, what was asked. */
export const objectiveRows = ({ objectives }: Evidence) =>
  objectives.map(({ name, unit, objective, measured, counted, met }) => {
    const inUnit = (value: number): string => `${formatNumber(value)} ${unit}`;
    return {
      name,
      met,
      measured: inUnit(measured),
      withheld: inUnit(counted - measured),
      counted: inUnit(counted),
      objective: inUnit(objective),
    };
  });

/** The phases, each against its budget. */
export const phaseRows = ({ phases }: Evidence) =>
  phases.map(({ name, budgetSeconds, startedAtMs, endedAtMs, outcome, notes }) => {
    const seconds = (endedAtMs - startedAtMs) / 1000;
    const over = seconds > budgetSeconds;
    return {
      name,
      seconds,
      budgetSeconds,
      over,
      at: formatAt(startedAtMs),
      took: formatSeconds(seconds),
      budget: `${formatNumber(budgetSeconds)} s`,
      done: outcome === 'done',
      outcome: over ? `${outcome}, over budget` : outcome,
      notes: notes.join('; '),
    };
  });

/** Each setting that the target shortens: what it is, production's, here, what that withholds. */
export const shortenedRows = ({ shortened }: Evidence): string[][] =>
  shortened.map(({ what, production, here, withheldSeconds }) => [
    what,
    production,
    here,
    `${formatNumber(withheldSeconds)} s`,
  ]);

/** What the numbers were measured on. */
export const machineRows = ({
  machine,
  timing,
  tandemVersion,
  run,
  startedAt,
  durationSeconds,
}: Evidence): string[][] => [
  ['Platform', `${machine.platform}, ${formatCount(machine.cpus, 'CPU')}`],
  ['Node.js', machine.node],
  ['PostgreSQL', machine.postgres],
  ['Cache', machine.cache],
  [
    'Health checks',
    `every ${formatNumber(timing.healthCheckIntervalSeconds)} s, unhealthy after ${formatCount(timing.failureThreshold, 'failure')}`,
  ],
  ['DNS TTL', `${formatNumber(timing.ttlSeconds)} s`],
  ['Tandem', tandemVersion],
  ['Run', run],
  ['Started', startedAt],
  ['Took', formatSeconds(durationSeconds)],
];
