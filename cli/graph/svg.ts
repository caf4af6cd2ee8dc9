import type { Node, Topology } from './topology';

const box = { width: 220, height: 54 };
const row = 96;
const top = 70;
/** The left edge of a column: the first region, what is global, the second region. */
const columns = [70, 420, 770] as const;
const width = columns[2] + box.width + 70;

/** A topology as an SVG picture: a row a layer, in the order in which they are deployed, a column a region. */
export function svgOf({ environment, regions, nodes, reads, replications }: Topology): string {
  const layers = [...new Set(nodes.map(({ layer }) => layer))];
  const height = top + layers.length * row + 10;
  const at = new Map(
    nodes.map((node) => {
      const place = regions.findIndex(({ name }) => name === node.region);
      const x = node.region === undefined ? columns[1] : place === 0 ? columns[0] : columns[2];
      return [node.id, { node, x, y: top + layers.indexOf(node.layer) * row }];
    }),
  );
  const ends = (from: string, to: string) => {
    const [one, other] = [at.get(from), at.get(to)];
    return one && other ? [{ one, other }] : [];
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="14">`,
    `<title>${environment}</title>`,
    '<style>text{text-anchor:middle;fill:#1f2933}.small{font-size:12px;fill:#52606d}.reads{fill:none;stroke:#9aa5b1;marker-end:url(#reads)}.copies{stroke:#0b69a3;stroke-width:3;marker-end:url(#copies)}</style>',
    `<defs>${arrow('reads', '#9aa5b1')}${arrow('copies', '#0b69a3')}</defs>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...regions.map(({ name, role }, place) =>
      text(
        (columns[place * 2] ?? 0) + box.width / 2,
        36,
        `${name}: ${role ?? 'no role'}`,
        'font-weight="bold"',
      ),
    ),
    ...reads.flatMap(({ from, to }) => ends(from, to).map(({ one, other }) => readsPath(one, other))),
    ...replications.flatMap(({ from, to, of }) =>
      ends(from, to).map(({ one, other }) => copiesLine(one, other, of.join(', '))),
    ),
    ...[...at.values()].map(({ node, x, y }) => boxOf(node, x, y)),
    '</svg>',
    '',
  ].join('\n');
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Around the outer side of a region's column, or from its inner side to what is global. */
function readsPath(one: Place, other: Place): string {
  const [from, to] = [one.y + box.height / 2, other.y + box.height / 2];
  if (one.x !== other.x) {
    const outward = one.x < other.x ? [one.x + box.width, other.x] : [one.x, other.x + box.width];
    return `<path class="reads" d="M${outward[0] ?? 0} ${from} L${outward[1] ?? 0} ${to}"/>`;
  }
  const left = one.x === columns[0];
  const edge = left ? one.x : one.x + box.width;
  const bend = edge + (left ? -1 : 1) * Math.min(60, Math.abs(to - from) / 4);
  return `<path class="reads" d="M${edge} ${from} C${bend} ${from} ${bend} ${to} ${edge} ${to}"/>`;
}

/** Those to the right above the middle of the boxes, those to the left below it. */
function copiesLine(one: Place, other: Place, of: string): string {
  const right = one.x < other.x;
  const y = one.y + box.height / 2 + (right ? -12 : 12);
  const [from, to] = right ? [one.x + box.width, other.x - 4] : [one.x, other.x + box.width + 4];
  return `<line class="copies" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/>${text((from + to) / 2, right ? y - 8 : y + 18, of, 'class="small"')}`;
}

function boxOf({ layer, resources, copies }: Node, x: number, y: number): string {
  const more = copies.length > 0 ? `, copies ${copies.join(', ')}` : '';
  return (
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="6" fill="#f0f4f8" stroke="#627d98"/>` +
    text(x + box.width / 2, y + 23, layer) +
    text(x + box.width / 2, y + 42, `${resources} resources${more}`, 'class="small"')
  );
}

const text = (x: number, y: number, content: string, attributes = ''): string =>
  `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;

const arrow = (id: string, color: string): string =>
  `<marker id="${id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" fill="${color}"/></marker>`;
