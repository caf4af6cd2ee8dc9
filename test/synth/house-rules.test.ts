import { execFileSync } from 'node:child_process';
import { z } from 'zod';

const wrongWay = [
  ['lib', 'environments'],
  ['environments', 'stacks'],
  ['modules', 'stacks'],
  ['stacks', 'failover'],
  ['twin', 'modules'],
  ['failover', 'stacks'],
  ['apps', 'lib'],
] as const;

const deep = 'no-restricted-imports';
const cases = [
  { what: 'a provider index', folder: 'modules', code: "export * from '@cdktf/provider-aws';", rule: deep },
  { what: 'a provider index', folder: 'cli', code: "export * from '@cdktf/provider-helm';", rule: deep },
  { what: 'a bare Error', folder: 'stacks', code: "throw new Error('no');", rule: 'no-restricted-syntax' },
  {
    what: 'a cast',
    folder: 'failover',
    code: 'export const port = process.argv as object;',
    rule: '@typescript-eslint/consistent-type-assertions',
  },
  ...wrongWay.map(([folder, other]) => ({
    what: `an import of ${other}/`,
    folder,
    code: `export * from '../../${other}/x';`,
    rule: deep,
  })),
];
const allowed = [
  ['modules', "export * from '@cdktf/provider-aws/lib/route53-zone';"],
  ['modules', "export * from '../../lib/names';"],
  ['stacks', "export * from '../modules/traffic/aws';"],
] as const;

const verdicts = z.array(z.array(z.string().nullable()));

/** ESLint in a process of its own: jest can't load its configuration, which is an ES module. */
function lint(snippets: readonly { folder: string; code: string }[]) {
  // A snippet is in no TypeScript project, so the rules that ask for types are off.
  const script = `
    import { ESLint } from 'eslint';
    import tseslint from 'typescript-eslint';
    const eslint = new ESLint({ overrideConfig: tseslint.configs.disableTypeChecked });
    const verdicts = [];
    for (const { folder, code } of JSON.parse(process.argv[1])) {
      const [result] = await eslint.lintText(code, { filePath: folder + '/a/snippet.ts' });
      verdicts.push(result.messages.map(({ ruleId }) => ruleId));
    }
    console.log(JSON.stringify(verdicts));`;
  const output = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', script, JSON.stringify(snippets)],
    { encoding: 'utf8' },
  );
  return verdicts.parse(JSON.parse(output));
}

describe('the lint rules', () => {
  const refused = lint(cases);

  it.each(cases.map((each, at) => ({ ...each, at })))('refuse $what in $folder/', ({ at, rule }) => {
    expect(refused[at]).toEqual([rule]);
  });

  it('let a deep import and an import in the right direction pass', () => {
    expect(lint(allowed.map(([folder, code]) => ({ folder, code })))).toEqual([[], [], []]);
  });
});
