import { bar, type Cell, judged, ledger, section, table } from './elements';
import { formatCount, formatInstant, formatNumber, formatSeconds } from './format';
import { markup, Markup } from './markup';
import * as reading from './reading';
import type { Evidence, Movement } from './record';
import { pageStyle, palette } from './style';
import { timelineSvg } from './timeline';

function figures(evidence: Evidence): Markup {
  const [first] = evidence.movements;
  const fence = reading.fenceFinding(evidence);
  const lost = evidence.movements.reduce((sum, movement) => sum + movement.lostWrites.length, 0);
  const unmeasured = ['not measured', 'no movement was completed'] as const;
  const entries = [
    [
      'Without writes',
      ...(first
        ? ([
            formatSeconds(first.rto.totalSeconds),
            `${formatSeconds(reading.countedEntry(evidence, first).seconds)} with what production’s settings add`,
          ] as const)
        : unmeasured),
    ],
    [
      'Writes lost',
      ...(first
        ? ([
            first.noLoad === undefined ? formatNumber(lost) : 'not counted',
            reading.lossSentence(first),
          ] as const)
        : unmeasured),
    ],
    ['Fence', fence.short, fence.sentence],
  ] as const;
  return markup`<dl class="figures">${entries.map(
    ([name, value, more]) => markup`<div><dt>${name}</dt><dd>${value}</dd><dd>${more}</dd></div>`,
  )}</dl>`;
}

function answer(evidence: Evidence): Markup {
  const { error, outcome, startedAt, run } = evidence;
  const why = error
    ? [
        markup`<p><strong>Found</strong> ${error.found}</p><p><strong>Expected</strong> ${error.expected}</p>
<p><strong>Next</strong> ${error.next}</p>`,
      ]
    : [];
  return markup`<header><div class="answer ${outcome}"><h1>${outcome === 'met' ? '✓' : '✕'} ${reading.headline(evidence)}</h1>
<p class="quiet">${reading.subject(evidence)} · ${formatInstant(startedAt)} · run ${run}</p>${why}</div>
${figures(evidence)}</header>`;
}

function objectives(evidence: Evidence): Markup {
  const rows = reading
    .objectiveRows(evidence)
    .map(({ name, measured, withheld, counted, objective, met }) => [
      name,
      measured,
      withheld,
      counted,
      objective,
      judged(met, met ? 'met' : 'missed'),
    ]);
  const head = ['Objective', 'Measured here', 'Withheld by shortening', 'Counted', 'Allowed', 'Verdict'];
  return section(
    'Did it come back as promised?',
    rows.length === 0
      ? markup`<p>No objective was judged.</p>`
      : table(
          'An objective is held against the counted value: measured plus withheld',
          head,
          rows,
          [1, 2, 3, 4],
        ),
  );
}

function rto(evidence: Evidence, movement: Movement): Markup[] {
  const measured = reading.measuredEntry(movement);
  const title = `${reading.movementTitle(movement)}: ${reading.gapTitle(movement)}`;
  const parts = ledger(title, 'measured', reading.rtoParts(movement), measured);
  const withheld = reading.withheldEntries(evidence, movement);
  if (withheld.length === 0) return [parts];
  const counted = reading.countedEntry(evidence, movement);
  return [
    parts,
    ledger('What production’s settings add at worst', 'withheld', [measured, ...withheld], counted),
  ];
}

function lost(movement: Movement): Markup {
  if (movement.noLoad !== undefined) return markup`<p>${reading.lossSentence(movement)}.</p>`;
  const rows = reading
    .lostRows(movement)
    .map((row): Cell[] => [markup`<code>${row.id}</code>`, row.acknowledgedAt, row.before, row.readable]);
  const head = ['Write', 'Acknowledged at', reading.beforeWhat(movement), 'Readable in the fenced region'];
  const all = table('Acknowledged, and missing in the new active region', head, rows, [1, 2]);
  const folded = markup`<details><summary>All ${formatCount(rows.length, 'lost write')}</summary>${all}</details>`;
  return markup`<p>${judged(rows.length === 0, `${reading.lossSentence(movement)}.`)}</p>
<p class="quiet">${reading.unacknowledgedSentence(movement)}</p>
${rows.length === 0 ? [] : rows.length > reading.mostOpen ? folded : all}`;
}

function failovers(evidence: Evidence): Markup[] {
  if (evidence.movements.length === 0) {
    return [section('How fast, and what was lost?', markup`<p>${reading.notMeasured}</p>`)];
  }
  return evidence.movements
    .filter(({ kind }) => kind !== 'switchover')
    .flatMap((movement) => [
      section('How fast?', ...rto(evidence, movement)),
      section('What was lost?', lost(movement)),
    ]);
}

const switchovers = (evidence: Evidence): Markup[] =>
  evidence.movements
    .filter(({ kind }) => kind === 'switchover')
    .map((movement) => section(reading.movementTitle(movement), ...rto(evidence, movement), lost(movement)));

function fence(evidence: Evidence): Markup {
  const { proven, sentence } = reading.fenceFinding(evidence);
  const title = 'Is the old region fenced?';
  if (!evidence.fence) return section(title, markup`<p>${sentence}</p>`);
  const counts = table(
    'Writes sent straight to the fenced region',
    ['Answer', 'Count'],
    reading.fenceRows(evidence),
    [1],
  );
  return section(title, markup`<p>${judged(proven, sentence)}</p>`, counts);
}

function phases(evidence: Evidence): Markup {
  const rows = reading
    .phaseRows(evidence)
    .map((row) => [
      row.name,
      row.at,
      row.took,
      row.budget,
      bar(row.over ? 'over' : 'measured', 0, row.seconds, row.budgetSeconds),
      judged(row.done, row.outcome),
      row.notes,
    ]);
  const head = ['Phase', 'At', 'Took', 'Budget', 'Of its budget', 'Outcome', 'Notes'];
  return section('Phases', table('Each phase against its time budget', head, rows, [1, 2, 3]));
}

function notProduction(evidence: Evidence): Markup {
  const rows = reading.shortenedRows(evidence);
  const head = ['Setting', 'Production', 'Here', 'Withheld'];
  const simulated = evidence.simulated.map((text) => markup`<li>${text}</li>`);
  return section(
    'What is not as in production',
    rows.length === 0
      ? markup`<p>Nothing was shortened.</p>`
      : table('Shortened against production', head, rows, [3]),
    simulated.length === 0
      ? markup`<p>Nothing was simulated.</p>`
      : markup`<h3>Simulated, not measured</h3><ul>${simulated}</ul>`,
  );
}

const next = ({ next: commands }: Evidence): Markup[] =>
  commands.length === 0
    ? []
    : [
        section(
          'Next',
          markup`<pre tabindex="0"><code>${commands.map((command) => markup`${command}`)}</code></pre>`,
        ),
      ];

/** The record as one page: no script, nothing from a network, readable in light, dark and on paper. */
export function evidenceHtml(evidence: Evidence): string {
  const picture = markup`<div class="card picture scroll" role="region" aria-label="Timeline" tabindex="0">
${new Markup(timelineSvg(evidence))}</div>`;
  const machine = table('The machine and the run', ['What', 'Value'], reading.machineRows(evidence));
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${reading.headline(evidence)} · ${reading.subject(evidence)}</title><style>${new Markup(palette + pageStyle)}</style></head>
<body><main>${answer(evidence)}
${objectives(evidence)}
${failovers(evidence)}
${section('Timeline', picture)}
${fence(evidence)}
${switchovers(evidence)}
${phases(evidence)}
${notProduction(evidence)}
${section('Measured on', machine)}
${next(evidence)}</main></body></html>
`.source;
}
