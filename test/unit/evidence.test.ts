import { evidenceHtml } from '../../failover/evidence/html';
import { evidenceMarkdown } from '../../failover/evidence/markdown';
import type { Evidence } from '../../failover/evidence/record';
import { summaryLines } from '../../failover/evidence/summary';
import {
  drillFixture,
  failedFixture,
  interruptedFixture,
  lostFixture,
  missedFixture,
} from '../support/evidence';
import { elementsOf } from '../support/xml';

const readings = {
  markdown: evidenceMarkdown,
  html: evidenceHtml,
  summary: (evidence: Evidence) => summaryLines(evidence).join('\n'),
};
const each = Object.entries(readings).map(([name, read]) => ({ name, read }));

/** Words as a reader sees them, whatever the reading's own marks between them. */
const words = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[|*\s]+/g, ' ')
    .replaceAll('&#39;', "'");

const withId = (id: string): Evidence => {
  const [failover, ...others] = lostFixture(1).movements;
  if (!failover) throw new TypeError('the fixture has a failover');
  const lostWrites = failover.lostWrites.map((write) => ({ ...write, id }));
  return { ...drillFixture, movements: [{ ...failover, lostWrites }, ...others] };
};

const withFence = (refused: number, accepted: number): Evidence => ({
  ...drillFixture,
  fence: {
    region: 'us-east-1',
    attempts: 40,
    unreachable: 40 - refused - accepted,
    refused,
    letThrough: 0,
    accepted,
    reasons: {},
    heldSeconds: 9.2,
  },
});

describe.each(each)('$name', ({ read }) => {
  it.each([
    [drillFixture, 'Came back, within every objective'],
    [missedFixture, 'Came back, but missed RTO and RPO'],
    [failedFixture, 'Failed in promote: ProcessDied'],
    [interruptedFixture, 'Interrupted during detect'],
  ])('begins with the answer', (evidence, answer) => {
    const text = words(read(evidence).replace(/^.*<body>/s, ''));
    expect(text.slice(0, 60)).toContain(answer);
  });

  it('splits the RTO, and counts what shortening withheld', () => {
    const text = words(read(drillFixture));
    expect(text).toMatch(/detect .*3\.29 s.* drain .*0\.01 s/);
    for (const part of ['3.29 s', '1.87 s', '1.23 s', '0.11 s', '6.50 s', '152.50 s', '146 s']) {
      expect(text).toContain(part);
    }
  });

  it('says of each objective whether it is met', () => {
    expect(words(read(drillFixture))).not.toMatch(/missed/);
    expect(words(read(missedFixture)).match(/[✕❌] missed/gu)).toHaveLength(2);
  });

  it('rounds what addition leaves over to nothing', () => {
    const [rpo] = drillFixture.objectives.slice(1);
    if (!rpo) throw new TypeError('the fixture has an RPO');
    const objectives = [{ ...rpo, measured: 0.1 + 0.2, counted: 0.3 }];
    expect(words(read({ ...drillFixture, objectives }))).not.toContain('-0 s');
  });

  it('says when nothing was lost', () => {
    expect(words(read(lostFixture(0)))).toContain('Nothing was lost: all 412 acknowledged writes are there');
    expect(words(read(drillFixture))).toContain(
      '3 writes lost of 412 acknowledged, the first 0.35 s before the fault',
    );
  });

  it('calls a fence proven by refused writes only', () => {
    expect(words(read(withFence(40, 0)))).toContain(
      'was up for 9.20 s and refused 40 writes; it accepted none',
    );
    expect(words(read(withFence(0, 0)))).toContain(
      'answered none of 40 attempts: nothing shows that it refuses',
    );
    expect(words(read(withFence(39, 1)))).toContain('accepted 1 write of 40 while fenced');
    expect(words(read(failedFixture))).toContain('The fence was not tried in this run');
  });

  it('shows of a failed drill the error, and no figure that was not measured', () => {
    const text = words(read(failedFixture));
    expect(text).toContain('PostgreSQL of us-west-2 ended with exit code 1');
    expect(text).toContain('a server that takes writes');
    expect(text).toContain('read the log of the standby’s PostgreSQL');
    expect(text).toContain('No movement was completed');
    expect(text).not.toMatch(/without writes \(|writes? lost of/);
  });

  it('ends with what to type next', () => {
    expect(words(read(drillFixture)).trim()).toMatch(/tandem status local tandem drill local( ```)?$/);
  });
});

describe('lost writes', () => {
  it.each(['markdown', 'html'] as const)('%s lists every one, folded when there are more than 20', (name) => {
    const read = readings[name];
    for (const count of [20, 21, 134]) {
      const text = read(lostFixture(count));
      const ids = new Set(text.match(/w-\d{4}-7d3f/g));
      expect(ids.size).toBe(count);
      expect(text.includes('<details>')).toBe(count > 20);
    }
  });

  it('the summary lists 20 and says where the others are', () => {
    const idsOf = (evidence: Evidence): number =>
      readings.summary(evidence).match(/w-\d{4}-7d3f/g)?.length ?? 0;
    expect(idsOf(lostFixture(20))).toBe(20);
    expect(readings.summary(lostFixture(20))).not.toContain('more write');
    expect(idsOf(lostFixture(134))).toBe(20);
    expect(readings.summary(lostFixture(134))).toContain(
      'and 114 more writes: evidence.json, movements[0].lostWrites',
    );
  });
});

describe('text from outside', () => {
  it.each(each)('$name never shows an id as markup', ({ name, read }) => {
    const text = read(withId('<script>alert("1")</script>'));
    if (name !== 'summary') expect(text).not.toMatch(/<script|<\/script/);
    expect(text).toContain(name === 'summary' ? '<script>' : '&lt;script&gt;');
  });

  it('stays in its cell of a Markdown table', () => {
    const row = evidenceMarkdown(withId('a|b `c` *d*\n| e'))
      .split('\n')
      .find((line) => line.includes('11.700 s'));
    expect(row).toBe('| a\\|b \\`c\\` \\*d\\* \\| e | 11.700 s | 0.350 s | yes |');
  });

  it('can not close the fence of a code block', () => {
    const text = evidenceMarkdown({ ...drillFixture, next: ['echo ```', '# <b>'] });
    expect(text.endsWith('\n````sh\necho ```\n# <b>\n````\n')).toBe(true);
  });

  it.each(each)('$name passes no escape sequence on', ({ read }) => {
    expect(read(withId('\u001b[2Jgone'))).not.toContain('\u001b');
  });

  it('is wrapped at 100 columns in the summary, with nothing cut', () => {
    const id = 'x'.repeat(250);
    const lines = summaryLines({ ...withId(id), next: [`tandem ${'word '.repeat(60)}end`] });
    expect(Math.max(...lines.map((line) => line.length))).toBe(100);
    expect(lines.join('').match(/x/g)?.length).toBeGreaterThanOrEqual(250);
    expect(lines.join(' ').match(/word/g)).toHaveLength(60);
  });
});

it.each(['markdown', 'html'] as const)('%s says under which timing it was measured', (name) => {
  expect(words(readings[name](drillFixture))).toContain(
    'Health checks every 1 s, unhealthy after 3 failures',
  );
});

describe('the page', () => {
  const page = evidenceHtml(missedFixture);

  it('needs no network, no script and no style attribute', () => {
    expect(page).not.toMatch(/<script|<link|<img|\s(src|href|style|on\w+)=|@import|url\((?!#)/);
    expect(page).toContain('<html lang="en">');
  });

  it('is balanced, and its tables have headed columns and rows', () => {
    const elements = elementsOf(page.replace('<!doctype html>', '').replaceAll(/<meta [^>]*>/g, ''));
    const tables = elements.filter(({ name }) => name === 'table').length;
    expect(elements.filter(({ name }) => name === 'caption')).toHaveLength(tables);
    const scopes = elements.filter(({ name }) => name === 'th').map(({ attributes }) => attributes.scope);
    expect(new Set(scopes)).toEqual(new Set(['col', 'row']));
  });
});

describe('the text timeline', () => {
  it('shows a region going down and the other taking over', () => {
    const lines = evidenceMarkdown(drillFixture).split('\n');
    const start = lines.indexOf('```text');
    expect(lines.slice(start + 1, start + 5)).toEqual([
      'us-east-1    ███████████××××××××××▒▒▒▒▒▒▒▒▒···········█████',
      'role         AAAAAAAAAADDDDDDDDDDFFFFFFFFFRRRRRRRRRRSSAAAA',
      'us-west-2    ·················████████████████████████·····',
      'role         SSSSSSSSSSSSSSSAAAAAAAAAAAAAAAAAAAAAAAAAASSSS',
    ]);
  });
});
