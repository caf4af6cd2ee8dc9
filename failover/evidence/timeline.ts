import { formatAt, formatNumber, formatSeconds } from './format';
import { left, margin, pixel, plotWidth, right, type Scale } from './geometry';
import { labelOffset, type Label, rowsOf, shorten, textWidth } from './labels';
import { drawLane, laneHeight } from './lane';
import { drawLegend, patterns } from './legend';
import { markup, Markup } from './markup';
import { movementTitle, subject } from './reading';
import type { Evidence, Movement } from './record';
import { endOf } from './samples';
import { palette, timelineStyle } from './style';

const rowHeight = 15;
const laneStep = laneHeight + 16;

/** What is drawn below one another: shapes, and where they end. */
interface Drawing {
  readonly shapes: Markup;
  readonly bottom: number;
  readonly right: number;
}

/** Labels in rows from `base` by `step` pixels, each with a line from its row to `lineTo`. */
function callouts(
  labels: readonly Label[],
  base: number,
  step: number,
  lineTo: number,
  line: string,
): Markup[] {
  const rows = rowsOf(labels);
  return labels.map(({ x, text }, index) => {
    const y = base + (rows[index] ?? 0) * step;
    const start = step < 0 ? y - 9 : y + 3;
    return markup`<line class="${line}" x1="${x}" x2="${x}" y1="${start}" y2="${lineTo}"/>
<text class="halo" x="${x + labelOffset}" y="${y}">${text}</text>`;
  });
}

const heightOf = (labels: readonly Label[]): number =>
  labels.length === 0 ? 0 : (Math.max(...rowsOf(labels)) + 1) * rowHeight;

const rightOf = (labels: readonly Label[]): number =>
  Math.max(right, ...labels.map(({ x, text }) => x + labelOffset + textWidth(text)));

function drawPhases({ phases }: Evidence, x: Scale, top: number): Drawing {
  const spans = phases.map((phase) => {
    const failed = phase.outcome === 'failed';
    const took = formatAt(phase.endedAtMs - phase.startedAtMs);
    const text = `${failed ? '✕ ' : ''}${shorten(phase.name, 24)} ${took}`;
    const width = Math.max(1, pixel(x(phase.endedAtMs) - x(phase.startedAtMs)));
    return { ...phase, text, x: x(phase.startedAtMs), width, inside: textWidth(text) + 8 <= width };
  });
  const outside = spans.filter((span) => !span.inside);
  const y = top + heightOf(outside) + 4;
  const bars = spans.map(
    (
      span,
    ) => markup`<rect class="phase ${span.outcome}" x="${span.x}" y="${y}" width="${span.width}" height="20">
<title>${span.text} ${span.outcome}, budget ${formatNumber(span.budgetSeconds)} s</title></rect>`,
  );
  const names = spans
    .filter((span) => span.inside)
    .map(
      (span) =>
        markup`<text class="halo" x="${pixel(span.x + span.width / 2)}" y="${y + 14}" text-anchor="middle">${span.text}</text>`,
    );
  const shapes = markup`<g><text class="quiet" x="${margin}" y="${y + 14}">phases</text>
${callouts(outside, y - 6, -rowHeight, y, 'leader')}</g><g>${bars}</g><g>${names}</g>`;
  return { shapes, bottom: y + 20, right: rightOf(outside) };
}

/** Both lanes, under the marks whose lines go through them, with each write gap tinted. */
function drawLanes(evidence: Evidence, x: Scale, top: number): Drawing {
  const { marks } = evidence.timeline;
  const labels = marks.map(({ atMs, label }) => ({
    x: x(atMs),
    text: `${shorten(label, 32)} ${formatAt(atMs)}`,
  }));
  const lanesTop = top + heightOf(labels) + 10;
  const bottom = lanesTop + laneStep + laneHeight;
  const gaps = evidence.movements.map(({ lastWriteBeforeAtMs, firstWriteAfterAtMs }) => {
    const from = x(lastWriteBeforeAtMs);
    const width = Math.max(1, pixel(x(firstWriteAfterAtMs) - from));
    return markup`<rect class="gap" x="${from}" y="${lanesTop}" width="${width}" height="${bottom - lanesTop}"/>`;
  });
  const points = marks.flatMap(({ atMs, label, region }) => {
    const lane = evidence.regions.findIndex((each) => each === region);
    const y = lanesTop + lane * laneStep;
    return lane < 0
      ? []
      : [markup`<path class="point" d="M${x(atMs)} ${y - 5}l5 5l-5 5l-5 -5z"><title>${label}</title></path>`];
  });
  const lanes = evidence.regions.map((region, index) =>
    drawLane(evidence, region, x, lanesTop + index * laneStep),
  );
  return {
    shapes: markup`${lanes}<g>${gaps}</g><g>${callouts(labels, lanesTop - 10, -rowHeight, bottom, 'mark')}</g><g>${points}</g>`,
    bottom,
    right: rightOf(labels),
  };
}

const withoutWrites = ({ noLoad, rto }: Movement): string =>
  `${noLoad === undefined ? '' : 'at most '}${formatSeconds(rto.totalSeconds)} without writes`;

/** Brackets under the lanes: how long clients could not write. */
function drawGaps({ movements }: Evidence, x: Scale, top: number): Drawing {
  const labels = movements.map((movement) => ({
    x: x(movement.lastWriteBeforeAtMs),
    text: `${withoutWrites(movement)} (${movement.kind})`,
  }));
  const brackets = movements.map(
    ({ lastWriteBeforeAtMs, firstWriteAfterAtMs }) =>
      markup`<path class="bracket" d="M${x(lastWriteBeforeAtMs)} ${top}v6H${x(firstWriteAfterAtMs)}v-6"/>`,
  );
  const shapes = markup`<g>${brackets}${callouts(labels, top + 19, rowHeight, top + 6, 'leader')}</g>`;
  return { shapes, bottom: top + heightOf(labels) + 10, right: rightOf(labels) };
}

function drawAxis(endMs: number, x: Scale, top: number): Drawing {
  const least = endMs / 1000 / 14;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  const ticks = Array.from({ length: Math.floor(endMs / 1000 / step) + 1 }, (_, index) => {
    const at = x(index * step * 1000);
    return markup`<line class="rule" x1="${at}" x2="${at}" y1="${top}" y2="${top + 5}"/>
<text class="quiet" x="${at}" y="${top + 17}" text-anchor="middle">${formatNumber(index * step)}</text>`;
  });
  const shapes = markup`<g><line class="rule" x1="${left}" x2="${right}" y1="${top}" y2="${top}"/>${ticks}
<text class="quiet" x="${margin}" y="${top + 17}">seconds</text></g>`;
  return { shapes, bottom: top + 24, right };
}

/**
 * Both regions as their clients saw them, on one clock: a self-contained SVG for light and dark. Hatching and
 * dots say what the colours say.
 */
export function timelineSvg(evidence: Evidence): string {
  const endMs = endOf(evidence);
  const x: Scale = (ms) => pixel(left + (ms / endMs) * plotWidth);
  const phases = drawPhases(evidence, x, margin);
  const lanes = drawLanes(evidence, x, phases.bottom + 14);
  const gaps = drawGaps(evidence, x, lanes.bottom + 8);
  const axis = drawAxis(endMs, x, gaps.bottom + 6);
  const key = drawLegend(axis.bottom + 10);
  const drawings = [phases, lanes, gaps, axis];
  const width = Math.ceil(Math.max(...drawings.map((drawing) => drawing.right)) + margin);
  const told = evidence.movements.map(
    (movement) => `${movementTitle(movement)}: ${withoutWrites(movement)}. `,
  );
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 ${width} ${key.bottom + margin}" role="img" aria-labelledby="timeline-title timeline-desc">
<title id="timeline-title">Both regions as clients saw them: ${subject(evidence)}</title>
<desc id="timeline-desc">${told.join('')}${formatSeconds(evidence.durationSeconds)} in all; phases on top, then one lane for each of ${evidence.regions.join(' and ')} with requests by outcome and the region’s role.</desc>
<style>${new Markup(palette + timelineStyle)}</style>${patterns}
${drawings.map((drawing) => drawing.shapes)}${key.shapes}</svg>`.source;
}
