import { formatAt, formatCount, formatInstant, formatNumber, formatSeconds, plain } from './format';
import { escapeMarkdown as text } from './markup';
import * as reading from './reading';
import type { Evidence, Movement, ShownRole } from './record';
import { type Slice, slicesOf } from './samples';

const columns = 80;

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const rule = head.map((_, index) => (numbers.includes(index) ? '--:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const verdict = (good: boolean, said: string): string => `${good ? '✅' : '❌'} ${said}`;

function fenced(language: string, lines: readonly string[]): string {
  const body = lines.map(plain);
  const ticks =
    Math.max(2, ...body.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length))) + 1;
  return ['`'.repeat(ticks) + language, ...body, '`'.repeat(ticks)].join('\n');
}

/** What most requests of a slice met; a tie shows the worse. */
function symbol({ acknowledged, refused, failed, answered }: Slice): string {
  const most = Math.max(acknowledged, refused, failed);
  if (most === 0) return answered > 0 ? '·' : ' ';
  return failed === most ? '×' : refused === most ? '▒' : '█';
}

const letters: Record<ShownRole, string> = {
  active: 'A',
  standby: 'S',
  fenced: 'F',
  rebuilding: 'R',
  down: 'D',
};

/** Two rows of characters a region: what its clients saw, and its role. */
function textTimeline(evidence: Evidence): string {
  const gutter = Math.max(7, ...evidence.regions.map((region) => region.length)) + 2;
  const lanes = evidence.regions.flatMap((region) => {
    const { sliceMs, slices } = slicesOf(evidence, region, columns);
    const roles = slices.map(({ fromMs }) => {
      const middle = fromMs + sliceMs / 2;
      const held = evidence.timeline.roles.findLast(
        (role) => role.region === region && role.fromMs <= middle && middle < role.toMs,
      );
      return held ? letters[held.role] : ' ';
    });
    return [region.padEnd(gutter) + slices.map(symbol).join(''), 'role'.padEnd(gutter) + roles.join('')].map(
      (line) => line.trimEnd(),
    );
  });
  const { sliceMs } = slicesOf(evidence, evidence.regions[0], columns);
  const key = [
    `one column is ${formatNumber(sliceMs / 1000)} s; the drill took ${formatSeconds(evidence.durationSeconds)}`,
    'mostly: █ write acknowledged  ▒ write refused  × failed or no answer  · reads only',
    'role: A active  S standby  F fenced  R rebuilding  D down',
  ];
  return fenced('text', [...lanes, '', ...key]);
}

function marks({ timeline }: Evidence): string[] {
  if (timeline.marks.length === 0) return [];
  const ordered = timeline.marks.toSorted((one, other) => one.atMs - other.atMs);
  const rows = ordered.map((mark) => [formatAt(mark.atMs), text(mark.label), text(mark.region ?? '')]);
  return [table(['at', 'what', 'region'], rows, [0])];
}

const entryRow = ({ name, what, seconds }: reading.Entry): string[] => [
  text(name),
  text(what),
  formatSeconds(seconds),
];

const sumRow = (entry: reading.Entry): string[] =>
  entryRow(entry).map((cell, index) => (index === 1 ? cell : `**${cell}**`));

function movement(evidence: Evidence, each: Movement): string[] {
  const withheld = reading.withheldEntries(evidence, each);
  const rows = [
    ...reading.rtoParts(each).map(entryRow),
    sumRow(reading.measuredEntry(each)),
    ...withheld.map(entryRow),
    ...(withheld.length > 0 ? [sumRow(reading.countedEntry(evidence, each))] : []),
  ];
  const lost = reading
    .lostRows(each)
    .map((row) => [text(row.id), row.acknowledgedAt, row.before, row.readable]);
  const head = ['write', 'acknowledged at', reading.beforeWhat(each), 'readable in the fenced region'];
  const list = table(head, lost, [1, 2]);
  const summary = `<details><summary>All ${formatCount(lost.length, 'lost write')}</summary>`;
  const folded = [summary, list, '</details>'];
  return [
    `### ${text(reading.movementTitle(each))}`,
    table(['part', 'what', 'seconds'], rows, [2]),
    each.noLoad === undefined
      ? `${verdict(lost.length === 0, reading.lossSentence(each))}. ${reading.unacknowledgedSentence(each)}`
      : `${text(reading.lossSentence(each))}.`,
    ...(lost.length === 0 ? [] : lost.length > reading.mostOpen ? folded : [list]),
  ];
}

function objectives(evidence: Evidence): string {
  const rows = reading
    .objectiveRows(evidence)
    .map((row) => [
      text(row.name),
      text(row.measured),
      text(row.withheld),
      text(row.counted),
      text(row.objective),
      verdict(row.met, row.met ? 'met' : 'missed'),
    ]);
  if (rows.length === 0) return 'No objective was judged.';
  return table(['objective', 'measured', 'withheld', 'counted', 'allowed', 'verdict'], rows, [1, 2, 3, 4]);
}

function phases(evidence: Evidence): string {
  const rows = reading
    .phaseRows(evidence)
    .map((row) => [
      text(row.name),
      row.at,
      row.took,
      row.budget,
      verdict(row.done, row.outcome),
      text(row.notes),
    ]);
  return table(['phase', 'at', 'took', 'budget', 'outcome', 'notes'], rows, [1, 2, 3]);
}

function notProduction(evidence: Evidence): string[] {
  const rows = reading.shortenedRows(evidence).map((row) => row.map(text));
  const simulated = evidence.simulated.map((each) => `- ${text(each)}`);
  return [
    rows.length === 0
      ? 'Nothing was shortened.'
      : table(['shortened', 'production', 'here', 'withheld'], rows, [3]),
    simulated.length === 0 ? 'Nothing was simulated.' : `Simulated, not measured:\n\n${simulated.join('\n')}`,
  ];
}

/** The record as GitHub's Markdown, for a job summary or a pull request. */
export function evidenceMarkdown(evidence: Evidence): string {
  const { error, movements, outcome } = evidence;
  const fence = reading.fenceFinding(evidence);
  const fenceRows = reading.fenceRows(evidence).map((row) => row.map(text));
  const blocks = [
    `## ${verdict(outcome === 'met', text(reading.headline(evidence)))}`,
    `${text(reading.subject(evidence))} · ${formatInstant(evidence.startedAt)} · run ${text(evidence.run)}`,
    ...(error
      ? [`- Found: ${text(error.found)}\n- Expected: ${text(error.expected)}\n- Next: ${text(error.next)}`]
      : []),
    objectives(evidence),
    ...(movements.length === 0
      ? [reading.notMeasured]
      : movements.flatMap((each) => movement(evidence, each))),
    '### Timeline',
    textTimeline(evidence),
    ...marks(evidence),
    '### Fence',
    evidence.fence ? verdict(fence.proven, text(fence.sentence)) : fence.sentence,
    ...(fenceRows.length === 0 ? [] : [table(['answer', 'count'], fenceRows, [1])]),
    '### Phases',
    phases(evidence),
    '### What is not as in production',
    ...notProduction(evidence),
    '### Measured on',
    table(
      ['what', 'value'],
      reading.machineRows(evidence).map((row) => row.map(text)),
    ),
    ...(evidence.next.length === 0 ? [] : ['### Next', fenced('sh', evidence.next)]),
  ];
  return `${blocks.join('\n\n')}\n`;
}
