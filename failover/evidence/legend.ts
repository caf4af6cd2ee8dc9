import { margin, pixel, right } from './geometry';
import { textWidth } from './labels';
import { markup, type Markup } from './markup';

const pattern = (name: string, paths: Markup): Markup =>
  markup`<pattern id="timeline-${name}" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="back" width="6" height="6"/>${paths}</pattern>`;

/** What is refused is hatched, what failed is crossed, what rebuilds is dotted: no colour is needed to tell. */
export const patterns = markup`<defs>${[
  pattern(
    'fenced',
    markup`<path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" stroke="var(--refused)" stroke-width="1.8"/>`,
  ),
  pattern('down', markup`<path d="M0 0L6 6M6 0L0 6" stroke="var(--failed)" stroke-width="1.3"/>`),
  pattern('rebuilding', markup`<circle cx="3" cy="3" r="1.5" fill="var(--rebuilding)"/>`),
]}</defs>`;

const looks = [
  ['active', 'write acknowledged / active'],
  ['standby', 'read answered / standby'],
  ['fenced', 'write refused / fenced'],
  ['down', 'failed or no answer / down'],
  ['rebuilding', 'rebuilding'],
  ['gap', 'without writes'],
] as const;

/** The key to requests and roles in rows from `top`. */
export function drawLegend(top: number): { shapes: Markup; bottom: number } {
  let x = margin;
  let y = top;
  const entries = looks.map(([look, text]) => {
    const width = 18 + textWidth(text) + 18;
    if (x + width > right) {
      x = margin;
      y += 20;
    }
    const entry = markup`<rect class="${look}" x="${pixel(x)}" y="${y}" width="13" height="13"/>
<text x="${pixel(x + 18)}" y="${y + 10.5}">${text}</text>`;
    x += width;
    return entry;
  });
  return { shapes: markup`<g>${entries}</g>`, bottom: y + 13 };
}
