import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const deepOnly = {
  regex: '^@cdktf/provider-[a-z]+$',
  message: 'A provider index costs seconds and a gigabyte: import deep, as in @cdktf/provider-aws/lib/vpc.',
};

/** Dependencies point one way (docs/adr/0002): a folder may not import those listed. */
const never = (folder, ...others) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          deepOnly,
          {
            regex: `^(\\.\\./)+(${others.join('|')})(/|$)`,
            message: `${folder}/ may not import ${others.join('/, ')}/.`,
          },
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist', 'cdktf.out', 'node_modules', 'evidence/', 'coverage'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'no-restricted-imports': ['error', { patterns: [deepOnly] }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "ThrowStatement > NewExpression[callee.name='Error']",
          message: 'Throw a TandemError: code, found, expected, next (lib/errors.ts).',
        },
      ],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
    },
  },
  never('lib', 'environments', 'modules', 'stacks', 'twin', 'failover', 'cli', 'apps'),
  never('environments', 'modules', 'stacks', 'twin', 'failover', 'cli', 'apps'),
  never('modules', 'stacks', 'twin', 'failover', 'cli', 'apps'),
  never('stacks', 'twin', 'failover', 'cli', 'apps'),
  never('twin', 'modules', 'stacks', 'failover', 'cli', 'apps'),
  never('failover', 'modules', 'stacks', 'cli', 'apps'),
  never('apps', 'lib', 'environments', 'modules', 'stacks', 'twin', 'failover', 'cli'),
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: { process: 'readonly', module: 'writable', require: 'readonly', console: 'readonly' },
    },
  },
);
