import { formatCount, formatSeconds, plain } from './format';
import * as reading from './reading';
import type { Evidence, Movement } from './record';

const width = 100;
const barWidth = 40;

/** `text` after `indent`, broken at spaces, or anywhere when a word is longer than a line. */
function wrap(indent: string, text: string): string[] {
  const room = width - indent.length;
  const lines: string[] = [];
  let rest = Array.from(plain(text));
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    const end = space > 0 ? space : room;
    lines.push(indent + rest.slice(0, end).join(''));
    rest = rest.slice(space > 0 ? end + 1 : end);
  }
  return [...lines, indent + rest.join('')];
}

function rtoLines(movement: Movement): string[] {
  const { totalSeconds } = movement.rto;
  const parts = reading.rtoParts(movement).map(({ name, seconds }) => {
    const length = totalSeconds > 0 ? Math.min(barWidth, Math.round((seconds / totalSeconds) * barWidth)) : 0;
    return `    ${name.padEnd(12)}${formatSeconds(seconds).padStart(12)}  ${'█'.repeat(length)}`.trimEnd();
  });
  return [...parts, `    ${'measured'.padEnd(12)}${formatSeconds(totalSeconds).padStart(12)}`];
}

function movementLines(evidence: Evidence, movement: Movement, index: number): string[] {
  const { lostWrites } = movement;
  const shown = lostWrites.slice(0, reading.mostOpen).flatMap(({ id }) => wrap('      ', id));
  const hidden = lostWrites.length - reading.mostOpen;
  const rest = `and ${formatCount(hidden, 'more write')}: evidence.json, movements[${index}].lostWrites`;
  const counted = reading.countedEntry(evidence, movement).seconds;
  const withheld = formatSeconds(counted - movement.rto.totalSeconds);
  return [
    '',
    ...wrap('  ', `${reading.movementTitle(movement)}: ${reading.gapTitle(movement)}`),
    ...rtoLines(movement),
    ...(counted > movement.rto.totalSeconds
      ? wrap('    ', `counted ${formatSeconds(counted)}: production’s settings add up to ${withheld}`)
      : []),
    ...wrap('    ', reading.lossSentence(movement)),
    ...shown,
    ...(hidden > 0 ? wrap('      ', rest) : []),
  ];
}

/** The record in plain text, at most 100 columns, for the end of a terminal's run. */
export function summaryLines(evidence: Evidence): string[] {
  const { error, movements, next, outcome } = evidence;
  const objectives = reading.objectiveRows(evidence).flatMap((row) => {
    const sum = `${row.counted} of ${row.objective} allowed (${row.measured} measured, ${row.withheld} withheld)`;
    return wrap('    ', `${row.met ? '✓ met   ' : '✕ missed'} ${row.name}  ${sum}`);
  });
  const fence = reading.fenceFinding(evidence);
  const wrong = error
    ? [
        ...wrap('  ', `Found: ${error.found}`),
        ...wrap('  ', `Expected: ${error.expected}`),
        ...wrap('  ', `Next: ${error.next}`),
      ]
    : [];
  return [
    ...wrap('', `${outcome === 'met' ? '✓' : '✕'} ${reading.headline(evidence)}`),
    ...wrap('  ', reading.subject(evidence)),
    ...wrong,
    ...(movements.length === 0
      ? ['', ...wrap('  ', reading.notMeasured)]
      : movements.flatMap((movement, index) => movementLines(evidence, movement, index))),
    '',
    ...wrap('  ', `Fence ${fence.short}: ${fence.sentence}`),
    ...(objectives.length > 0 ? ['  Objectives', ...objectives] : []),
    ...(next.length > 0 ? ['', '  Next', ...next.flatMap((command) => wrap('    ', command))] : []),
  ];
}
