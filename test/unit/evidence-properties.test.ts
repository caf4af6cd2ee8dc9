import fc from 'fast-check';
import { evidenceHtml } from '../../failover/evidence/html';
import { evidenceMarkdown } from '../../failover/evidence/markdown';
import { type Evidence, evidenceSchema } from '../../failover/evidence/record';
import { summaryLines } from '../../failover/evidence/summary';
import { timelineSvg } from '../../failover/evidence/timeline';
import { elementsOf } from '../support/xml';

const text = fc.string({ maxLength: 30, unit: 'binary' });
const atMs = fc.double({ min: 0, max: 6 * 3_600_000, noNaN: true });
const seconds = fc.double({ min: 0, max: 1e9, noNaN: true });
const region = fc.constantFrom('us-east-1', 'us-west-2');
const few = <T>(one: fc.Arbitrary<T>, maxLength = 6): fc.Arbitrary<T[]> => fc.array(one, { maxLength });

const lostWrite = fc.record({
  id: text,
  acknowledgedAtMs: atMs,
  secondsBeforeFault: seconds,
  onFencedRegion: fc.option(fc.boolean(), { nil: null }),
});

const movement = fc.record({
  kind: fc.constantFrom('failover', 'switchover'),
  from: text,
  to: text,
  startedAtMs: atMs,
  lastWriteBeforeAtMs: atMs,
  firstWriteAfterAtMs: atMs,
  rto: fc.record({
    detectSeconds: seconds,
    promoteSeconds: seconds,
    routeSeconds: seconds,
    firstWriteSeconds: seconds,
    totalSeconds: seconds,
  }),
  acknowledgedWrites: fc.nat(),
  lostWrites: few(lostWrite, 30),
  unacknowledgedPresent: fc.nat(),
  lossWindowSeconds: seconds,
});

const always = fc.record({
  schema: fc.constant('tandem/evidence/v1'),
  run: text,
  tandemVersion: text,
  environment: text,
  target: text,
  scenario: text,
  startedAt: fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
    .map((date) => date.toISOString()),
  durationSeconds: fc.double({ min: 0, max: 6 * 3600, noNaN: true }),
  regions: fc.constant(['us-east-1', 'us-west-2']),
  machine: fc.record({ platform: text, cpus: fc.nat(), node: text, postgres: text, cache: text }),
  timing: fc.record({
    healthCheckIntervalSeconds: seconds,
    failureThreshold: fc.nat(),
    ttlSeconds: seconds,
  }),
  shortened: few(fc.record({ what: text, production: text, here: text, withheldSeconds: seconds })),
  outcome: fc.constantFrom('met', 'missed', 'failed', 'interrupted'),
  phases: few(
    fc.record({
      name: text,
      budgetSeconds: seconds,
      startedAtMs: atMs,
      endedAtMs: atMs,
      outcome: fc.constantFrom('done', 'failed'),
      notes: few(text),
    }),
  ),
  movements: few(movement, 3),
  objectives: few(
    fc.record({
      name: text,
      unit: text,
      objective: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      measured: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      counted: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      met: fc.boolean(),
    }),
  ),
  timeline: fc.record({
    sampleMs: fc.double({ min: 10, max: 60_000, noNaN: true }),
    samples: few(
      fc.record({
        atMs,
        region: fc.oneof(region, text),
        writesAcknowledged: fc.nat(),
        writesRefused: fc.nat(),
        readsAnswered: fc.nat(),
        failed: fc.nat(),
      }),
      40,
    ),
    marks: few(fc.record({ atMs, label: text, region }, { requiredKeys: ['atMs', 'label'] })),
    roles: few(
      fc.record({
        region: fc.oneof(region, text),
        role: fc.constantFrom('active', 'standby', 'fenced', 'rebuilding', 'down'),
        fromMs: atMs,
        toMs: atMs,
      }),
    ),
  }),
  simulated: few(text),
  next: few(text),
});

const sometimes = fc.record(
  {
    error: fc.record({ code: text, found: text, expected: text, next: text }),
    fence: fc.record({
      region: text,
      attempts: fc.nat(),
      unreachable: fc.nat(),
      refused: fc.nat(),
      letThrough: fc.nat({ max: 2 }),
      accepted: fc.nat({ max: 1 }),
      reasons: fc.dictionary(text, fc.nat()),
      heldSeconds: seconds,
    }),
  },
  { requiredKeys: [] },
);

const arbitrary: fc.Arbitrary<Evidence> = fc
  .tuple(always, sometimes)
  .map(([record, more]) => evidenceSchema.parse({ ...record, ...more }));

/** What a hole in the arithmetic or a missing value would print. */
const holes = /\bNaN\b|\bundefined\b|\bnull\b|Infinity|\[object/;

describe('any record in shape', () => {
  it('has a page, a picture, Markdown and a summary, all without holes', () => {
    fc.assert(
      fc.property(arbitrary, (evidence) => {
        const page = evidenceHtml(evidence);
        const lines = summaryLines(evidence);
        for (const reading of [page, timelineSvg(evidence), evidenceMarkdown(evidence), ...lines]) {
          expect(reading).not.toMatch(holes);
        }
        expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(100);
        elementsOf(timelineSvg(evidence));
        elementsOf(page.replace('<!doctype html>', '').replaceAll(/<meta [^>]*>/g, ''));
      }),
      { numRuns: 80 },
    );
  });
});
