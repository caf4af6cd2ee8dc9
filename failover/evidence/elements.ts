import { formatSeconds } from './format';
import { markup, type Markup } from './markup';
import type { Entry } from './reading';

/** The elements that the page is made of. */

export type Cell = string | Markup;

/** A table whose first column heads its rows; columns in `numbers` align right. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers: readonly number[] = [],
): Markup {
  const look = (index: number): Markup => (numbers.includes(index) ? markup` class="number"` : markup``);
  const headCells = head.map((text, index) => markup`<th scope="col"${look(index)}>${text}</th>`);
  const body = rows.map(([first = '', ...others]) => {
    const cells = others.map((cell, index) => markup`<td${look(index + 1)}>${cell}</td>`);
    return markup`<tr><th scope="row"${look(0)}>${first}</th>${cells}</tr>`;
  });
  return markup`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption><thead><tr>${headCells}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

export const section = (title: string, ...content: readonly Markup[]): Markup =>
  markup`<section><h2>${title}</h2>
${content}</section>`;

/** A finding with its sign, so that its colour is not needed. */
export const judged = (good: boolean, text: string): Markup =>
  markup`<span class="${good ? 'good' : 'bad'}">${good ? '✓' : '✕'} ${text}</span>`;

/** A bar from `start` to `start + length` of `whole`, drawn without a style attribute. */
export function bar(look: string, start: number, length: number, whole: number): Markup {
  const percent = (part: number): string =>
    `${whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)).toFixed(2) : 0}%`;
  return markup`<svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%"/><rect class="${look}" x="${percent(start)}" width="${percent(length)}" height="100%"/></svg>`;
}

/** Seconds below one another, each bar where the last one ends, then what they add up to. */
export function ledger(caption: string, look: string, parts: readonly Entry[], sum: Entry): Markup {
  let start = 0;
  const rows = parts.map(({ name, what, seconds }) => {
    const drawn = bar(look, start, seconds, sum.seconds);
    start += seconds;
    return [name, what, formatSeconds(seconds), drawn];
  });
  const total = bar(`${look} sum`, 0, sum.seconds, sum.seconds);
  const head = ['Part', 'What', 'Seconds', 'Share'];
  return table(caption, head, [...rows, [sum.name, sum.what, formatSeconds(sum.seconds), total]], [2]);
}
