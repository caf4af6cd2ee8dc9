import fc from 'fast-check';
import { textWidth } from '../../failover/evidence/labels';
import type { Evidence } from '../../failover/evidence/record';
import { timelineSvg } from '../../failover/evidence/timeline';
import { drillFixture, failedFixture, interruptedFixture, lostFixture } from '../support/evidence';
import { elementsOf, type XmlElement } from '../support/xml';

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const numberOf = ({ attributes }: XmlElement, name: string): number => Number(attributes[name]);
const textsOf = (svg: string): XmlElement[] => elementsOf(svg).filter(({ name }) => name === 'text');

function boxOf(element: XmlElement): Box {
  const width = textWidth(element.text);
  const anchor = element.attributes['text-anchor'] ?? 'start';
  const left = numberOf(element, 'x') - (anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0);
  const y = numberOf(element, 'y');
  return { text: element.text, left, right: left + width, top: y - 10, bottom: y + 2 };
}

const overlapping = (boxes: readonly Box[]): string[] =>
  boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .filter(
        (other) =>
          one.left < other.right &&
          other.left < one.right &&
          one.top < other.bottom &&
          other.top < one.bottom,
      )
      .map((other) => `${one.text} over ${other.text}`),
  );

/** Labels that the line of another label runs through. */
const struck = (svg: string): string[] => {
  const boxes = textsOf(svg)
    .filter(({ attributes }) => attributes.class === 'halo' && !attributes['text-anchor'])
    .map(boxOf);
  const lines = elementsOf(svg).filter(
    ({ name, attributes }) => name === 'line' && /^(mark|leader)$/.test(attributes.class ?? ''),
  );
  return lines.flatMap((line) => {
    const x = numberOf(line, 'x1');
    const [low, high] = [numberOf(line, 'y1'), numberOf(line, 'y2')].sort((one, other) => one - other);
    return boxes
      .filter((box) => box.left < x && x < box.right && box.top < (high ?? 0) && (low ?? 0) < box.bottom)
      .map((box) => box.text);
  });
};

const widthOf = (svg: string): number => Number(/viewBox="0 0 (\S+) /.exec(svg)?.[1]);

/** From seconds to pixels, read from the axis. */
function axisOf(svg: string): (seconds: number) => number {
  const ticks = textsOf(svg).filter(
    ({ text, attributes }) => attributes['text-anchor'] === 'middle' && /^\d+$/.test(text),
  );
  const first = ticks[0];
  const last = ticks.at(-1);
  if (!first || !last) throw new TypeError('an axis has ticks');
  const start = numberOf(first, 'x');
  return (seconds) => start + ((numberOf(last, 'x') - start) / Number(last.text)) * seconds;
}

const svg = timelineSvg(drillFixture);
const seconds = axisOf(svg);

describe('the timeline', () => {
  it.each([
    ['a whole drill', drillFixture],
    ['a failed one', failedFixture],
    ['an interrupted one', interruptedFixture],
    ['one with many lost writes', lostFixture(134)],
    ['one without clients', { ...drillFixture, timeline: { ...drillFixture.timeline, samples: [] } }],
  ])('is well-formed and overlaps no texts: %s', (_, evidence) => {
    const picture = timelineSvg(evidence);
    const boxes = textsOf(picture).map(boxOf);
    expect(boxes.length).toBeGreaterThan(10);
    expect(overlapping(boxes)).toEqual([]);
    expect(struck(picture)).toEqual([]);
    expect(Math.max(...boxes.map((box) => box.right))).toBeLessThanOrEqual(widthOf(picture));
  });

  it('keeps labels apart wherever marks and phases fall', () => {
    const at = fc.integer({ min: 0, max: 60_000 });
    const mark = fc.record({ atMs: at, label: fc.string({ minLength: 1, maxLength: 40 }) });
    const cuts = fc
      .array(at, { maxLength: 14 })
      .map((all) => [0, ...all.sort((one, other) => one - other), 60_000]);
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 16 }), cuts, (marks, times) => {
        const phases = times.slice(1).map((endedAtMs, index) => ({
          name: `phase-${index}`,
          budgetSeconds: 60,
          startedAtMs: times[index] ?? 0,
          endedAtMs,
          outcome: 'done' as const,
          notes: [],
        }));
        const picture = timelineSvg({
          ...drillFixture,
          phases,
          timeline: { ...drillFixture.timeline, marks },
        });
        expect(overlapping(textsOf(picture).map(boxOf))).toEqual([]);
        expect(struck(picture)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('puts a mark where its time is', () => {
    const label = textsOf(svg).find(({ text }) => text === 'fault 12.05 s');
    expect(label && numberOf(label, 'x')).toBeCloseTo(seconds(12.05) + 4, 0);
  });

  it('draws a gap from the last acknowledged write to the first, with its seconds', () => {
    const brackets = elementsOf(svg).filter(({ attributes }) => attributes.class === 'bracket');
    const [, from, to] = /^M(\S+) .*H(\S+?)v-6$/.exec(brackets[0]?.attributes.d ?? '') ?? [];
    expect(Number(from)).toBeCloseTo(seconds(12.02), 0);
    expect(Number(to)).toBeCloseTo(seconds(18.52), 0);
    expect(brackets).toHaveLength(2);
    const texts = textsOf(svg).map(({ text }) => text);
    expect(texts).toEqual(
      expect.arrayContaining(['6.50 s without writes (failover)', '0.83 s without writes (switchover)']),
    );
  });

  it('shows each outcome of a request in its region’s lane, and a single failure too', () => {
    const sample = (
      region: string,
      atMs: number,
      failed: number,
    ): Evidence['timeline']['samples'][number] => ({
      atMs,
      region,
      writesAcknowledged: 1000,
      writesRefused: 0,
      readsAnswered: 0,
      failed,
    });
    const samples = [sample('us-east-1', 10_000, 0), sample('us-west-2', 20_000, 1)];
    const picture = timelineSvg({ ...drillFixture, timeline: { ...drillFixture.timeline, samples } });
    const at = axisOf(picture);
    const paths = (look: string): string[] =>
      elementsOf(picture)
        .filter(({ name, attributes }) => name === 'path' && attributes.class === look)
        .map(({ attributes }) => attributes.d ?? '');
    const startOf = (path: string | undefined): number => Number(/^M(\S+) /.exec(path ?? '')?.[1]);
    expect(paths('active').map(startOf)).toEqual([expect.closeTo(at(10), 0), expect.closeTo(at(20), 0)]);
    expect(paths('down').map(startOf)).toEqual([expect.closeTo(at(20), 0)]);
    expect(paths('down')[0]).toMatch(/v1h/);
    expect(paths('fenced')).toEqual([]);
  });

  it('gives a lane without clients no scale', () => {
    const picture = timelineSvg({ ...drillFixture, timeline: { ...drillFixture.timeline, samples: [] } });
    const texts = textsOf(picture).map(({ text }) => text);
    expect(texts.filter((text) => text === 'no client measured here')).toHaveLength(2);
    expect(texts.filter((text) => text.endsWith('/s'))).toEqual([]);
  });

  it('tells refused, failed and rebuilding apart without colour', () => {
    const ids = elementsOf(svg).flatMap(({ name, attributes }) =>
      name === 'pattern' ? [attributes.id ?? ''] : [],
    );
    for (const look of ['fenced', 'down', 'rebuilding']) {
      expect(ids).toContain(`timeline-${look}`);
      expect(svg).toContain(`.timeline .${look} { fill: url(#timeline-${look}); }`);
    }
  });

  it('is announced with a title and what it shows', () => {
    const elements = elementsOf(svg);
    const root = elements[0];
    const named = (root?.attributes['aria-labelledby'] ?? '').split(' ');
    const texts = named.map((id) => elements.find(({ attributes }) => attributes.id === id)?.text);
    expect(texts[0]).toContain('local on embedded, scenario region-loss');
    expect(texts[1]).toContain('Failover us-east-1 → us-west-2: 6.50 s without writes');
  });
});
