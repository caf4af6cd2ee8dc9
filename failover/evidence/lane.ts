import { formatAt, formatNumber } from './format';
import { left, margin, pixel, plotWidth, right, type Scale } from './geometry';
import { shorten, textWidth } from './labels';
import { markup, type Markup } from './markup';
import type { Evidence } from './record';
import { slicesOf } from './samples';

const mostSlices = 230;
const barsHeight = 84;
const bandHeight = 18;

/** Pixels of one lane: bars of requests, then the band of roles. */
export const laneHeight = barsHeight + 2 + bandHeight;

/** From the floor up; each looks like the role that answers so. */
const series = [
  { key: 'acknowledged', look: 'active' },
  { key: 'answered', look: 'standby' },
  { key: 'refused', look: 'fenced' },
  { key: 'failed', look: 'down' },
] as const;

/** The most requests that clients made of a region in a slice: both lanes have one scale. */
function peakOf(evidence: Evidence): number {
  const all = evidence.regions.flatMap((region) => slicesOf(evidence, region, mostSlices).slices);
  return Math.max(1, ...all.map((slice) => series.reduce((sum, { key }) => sum + slice[key], 0)));
}

/** Stacked bars; whatever happened at all is at least a pixel high. */
function drawBars(evidence: Evidence, region: string, x: Scale, floor: number): Markup[] {
  const { sliceMs, slices } = slicesOf(evidence, region, mostSlices);
  const peak = peakOf(evidence);
  const tops = slices.map(() => floor);
  return series.flatMap(({ key, look }) => {
    const steps = slices.map((slice, index) => {
      if (slice[key] === 0) return '';
      const height = Math.max(1, pixel((slice[key] / peak) * barsHeight));
      const from = x(slice.fromMs);
      const width = pixel(Math.min(right, x(slice.fromMs + sliceMs)) - from);
      const top = pixel((tops[index] ?? floor) - height);
      tops[index] = top;
      return `M${from} ${top}h${width}v${height}h${-width}z`;
    });
    const path = steps.join('');
    return path === '' ? [] : [markup`<path class="${look}" d="${path}"/>`];
  });
}

function drawRoles(evidence: Evidence, region: string, x: Scale, top: number): Markup[] {
  const held = evidence.timeline.roles.filter((role) => role.region === region);
  return held.map(({ role, fromMs, toMs }) => {
    const width = Math.max(0, pixel(x(toMs) - x(fromMs)));
    const title = `${region} ${role} from ${formatAt(fromMs)} to ${formatAt(toMs)}`;
    const look = role === 'active' ? 'inverse' : role === 'standby' ? 'ink' : 'halo';
    const name = markup`<text class="${look}" x="${pixel(x(fromMs) + width / 2)}" y="${top + 13}" text-anchor="middle">${role}</text>`;
    return markup`<rect class="${role} edge" x="${x(fromMs)}" y="${top}" width="${width}" height="${bandHeight}">
<title>${title}</title></rect>${textWidth(role) + 8 <= width ? name : ''}`;
  });
}

/** One region: what its clients saw, and its role below. */
export function drawLane(evidence: Evidence, region: string, x: Scale, top: number): Markup {
  const floor = top + barsHeight;
  const bars = drawBars(evidence, region, x, floor);
  const { sliceMs } = slicesOf(evidence, region, mostSlices);
  const perSecond = formatNumber(Math.round((peakOf(evidence) * 1000) / sliceMs));
  const scale = markup`<text class="quiet" x="${left - 8}" y="${top + 10}" text-anchor="end">${perSecond}/s</text>`;
  const nothing = markup`<text class="quiet" x="${left + 8}" y="${top + 24}">no client measured here</text>`;
  return markup`<g><rect class="back" x="${left}" y="${top}" width="${plotWidth}" height="${barsHeight}"/>
<text class="region" x="${margin}" y="${top + barsHeight / 2 + 4}">${shorten(region, 15)}</text>
<text class="quiet" x="${margin}" y="${floor + 15}">role</text>
${bars.length > 0 ? [scale, ...bars] : nothing}
<line class="rule" x1="${left}" x2="${right}" y1="${floor}" y2="${floor}"/>${drawRoles(evidence, region, x, floor + 2)}</g>`;
}
