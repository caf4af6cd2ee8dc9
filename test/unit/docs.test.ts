import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { environmentNames } from '../../environments';
import { gateNames } from '../../failover/autopilot/gates';
import { scenarios } from '../../failover/drill';
import { phases } from '../../failover/engine';
import { evidenceSchema } from '../../failover/evidence/record';
import { movements } from '../../failover/operations/drill';

const read = (file: string): string => readFileSync(file, 'utf8');
const decisions = readdirSync('docs/adr').filter((file) => /^\d{4}-.*\.md$/.test(file));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
].map((file) => ({ file, text: read(file) }));

const fences = /^```(\w*)\n([^]*?)^```$/gm;
/** What is code in a page, a line or a span each; output of programs (```text) is none of ours to check. */
const codeOf = (text: string): readonly string[] => [
  ...[...text.matchAll(fences)].flatMap(([, language, body = '']) =>
    language === 'sh' ? body.split('\n').flatMap((line) => line.replace(/#.*/, '').split(/&&/)) : [],
  ),
  ...[...text.replaceAll(fences, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span),
];

/** The cells of the table rows whose first cell is one code span, without the head. */
const rowsOf = (text: string, heading: string): readonly (readonly string[])[] => {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` +\|(.*)\|$/gm)].map(([, first = '', rest = '']) => [
    first,
    ...rest.split('|').map((cell) => cell.trim()),
  ]);
};

describe('links and paths', () => {
  it.each(pages)('of $file lead somewhere', ({ file, text }) => {
    const links = [...text.replaceAll(fences, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
    const relative = links
      .filter((to) => !/^https?:/.test(to))
      .map((to) => path.join(path.dirname(file), to.replace(/#.*/, '')));
    const named = codeOf(text).filter((code) =>
      /^(apps|bench|cli|docs|environments|failover|lib|modules|scripts|stacks|test|twin)\/[\w./-]+$/.test(
        code,
      ),
    );
    expect([...relative, ...named].filter((to) => !existsSync(to))).toEqual([]);
  });

  it('lead to every decision from the index', () => {
    const index = read('docs/adr/README.md');
    expect(decisions.filter((file) => !index.includes(`](${file})`))).toEqual([]);
    const numbers = decisions.map((file) => file.slice(0, 4));
    expect(numbers).toEqual([...new Set(numbers)]);
  });
});

it.each(decisions)('decision %s has its sections, and a test that confirms it', (file) => {
  const text = read(path.join('docs/adr', file));
  expect(text).toMatch(/^# .+\n\n- Status: \w+\n- Date: \d{4}-\d\d-\d\d\n/);
  expect([...text.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading)).toEqual([
    'Context and problem',
    'Considered options',
    'Decision outcome',
    'Consequences',
    'Confirmation',
  ]);
  expect(text.split('### Confirmation')[1]).toMatch(/`test\/\w+\/[\w-]+\.test\.ts`/);
});

it('lists every error code as lib/errors.ts has it, and no other', () => {
  const [, table = ''] = /^const codes = \{\n([^]*?)^\} as const;$/m.exec(read('lib/errors.ts')) ?? [];
  const entry = /^ {2}(\w+): \{\s*title: (['"])(.*)\2,\s*retryable: (true|false),?\s*\},\n/gm;
  const codes = [...table.matchAll(entry)].map(([, code, , title, retryable]) => [
    code,
    title,
    retryable === 'true' ? 'yes' : 'no',
  ]);
  // Nothing of the table is left over, so none was missed.
  expect(table.replaceAll(entry, '')).toBe('');
  expect(codes.length).toBeGreaterThan(20);
  expect(rowsOf(read('docs/errors.md'), 'Errors')).toEqual(codes);
});

describe('docs/drill.md', () => {
  const text = read('docs/drill.md');
  const first = (heading: string) => rowsOf(text, heading).map(([name]) => name);

  it('has every phase, in the order in which they run', () => {
    expect(first('Phases')).toEqual(phases.map(({ name }) => name));
  });

  it('has every scenario', () => {
    expect(first('Scenarios')).toEqual([...Object.keys(scenarios), ...Object.keys(movements)]);
  });

  it('has every field of the evidence', () => {
    expect(first('Evidence').toSorted()).toEqual(Object.keys(evidenceSchema.shape).toSorted());
  });
});

it('explains every gate of the autopilot, in its order', () => {
  expect(rowsOf(read('docs/autopilot.md'), 'The gates').map(([gate]) => gate)).toEqual(gateNames);
});

it('explains every reason that a region refuses writes for', () => {
  const [, union = ''] = /^export type RefusalReason =\n([^;]*);/m.exec(read('apps/reference/gate.ts')) ?? [];
  const reasons = [...union.matchAll(/'([\w-]+)'/g)].map(([, reason]) => reason);
  const explained = rowsOf(read('docs/drill.md'), 'How a returned region refuses').map(([reason]) => reason);
  // The last is the write guard's own: PostgreSQL's refusal.
  expect(explained).toEqual([...reasons, 'database-read-only']);
});

describe('commands', () => {
  const scripts = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json'))).scripts;
  const helps = new Map<string, string>();
  /** What the built command says of itself; an unknown command exits with another code than 0. */
  const help = (command: string): string => {
    const known = helps.get(command);
    if (known !== undefined) return known;
    const { status, stdout } = spawnSync(process.execPath, ['dist/tandem.js', command, '--help'], {
      encoding: 'utf8',
    });
    expect({ command, status }).toEqual({ command, status: 0 });
    helps.set(command, stdout);
    return stdout;
  };

  const shown = pages.flatMap(({ file, text }) =>
    codeOf(text).flatMap((code) => {
      const words = /^\s*(?:\$ )?(?:npx )?tandem ([\w-]+.*)$/.exec(code)?.[1]?.trim().split(/\s+/);
      return words ? [{ file, words }] : [];
    }),
  );
  /** A flag alone in a span is the drill's. */
  const flags = [...new Set(pages.flatMap(({ text }) => codeOf(text)))].flatMap((code) => {
    const [, flag, value] = /^(--[a-z-]+)(?: ([\w.]+))?$/.exec(code) ?? [];
    return flag === undefined ? [] : [{ words: ['drill', flag, ...(value === undefined ? [] : [value])] }];
  });

  it.each([...shown, ...flags])(
    '$words is what the built command takes',
    ({ words: [command = '', ...rest] }) => {
      const usage = help(command);
      // Commander refuses an unknown subcommand with the help of its parent.
      expect(usage).toMatch(new RegExp(`^Usage: tandem ${command} `));
      const [environment] = rest;
      if (command === 'drill' && environment && /^\w/.test(environment)) {
        expect(environmentNames).toContain(environment);
      }
      rest.forEach((word, at) => {
        if (!word.startsWith('--')) return;
        const [, about] = new RegExp(`^  ${word}( <[^]*?)?(?=^  --|^$)`, 'm').exec(`${usage}\n`) ?? [];
        expect(usage).toMatch(new RegExp(`^  ${word}[ ,]`, 'm'));
        const choices = [...(/choices:([^)]*)/.exec(about ?? '')?.[1] ?? '').matchAll(/"([^"]+)"/g)];
        if (choices.length > 0) expect(choices.map(([, choice]) => choice)).toContain(rest[at + 1]);
      });
    },
  );

  it('has some to check', () => {
    expect(shown.length).toBeGreaterThan(8);
    expect(flags.length).toBeGreaterThan(2);
  });

  it.each(
    [...new Set(pages.flatMap(({ text }) => codeOf(text)))].filter((code) =>
      /^\s*npm (run|start|test)\b/.test(code),
    ),
  )('%s is a script of package.json', (code) => {
    const [, run, short] = /^\s*npm (?:run (?:--silent )?([\w-]+)|(start|test))\b/.exec(code) ?? [];
    expect(Object.keys(scripts)).toContain(run ?? short);
  });

  it('says what npm start runs', () => {
    const [, said] = /It runs `npx tandem ([^`]+)`/.exec(read('README.md')) ?? [];
    expect(scripts.start).toBe(`node dist/tandem.js ${said ?? ''}`);
  });
});
