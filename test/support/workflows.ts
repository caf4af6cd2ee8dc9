import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { TandemError } from '../../lib/errors';

const root = join(__dirname, '../..');
const variables = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));

const step = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: variables.default({}),
  env: variables.default({}),
});

const job = z.object({
  if: z.string().optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  environment: z.string().optional(),
  uses: z.string().optional(),
  secrets: z.unknown().optional(),
  'timeout-minutes': z.number().optional(),
  env: variables.default({}),
  steps: z.array(step).default([]),
});

const workflow = z.object({
  name: z.string(),
  on: z.union([z.record(z.string(), z.unknown()), z.string().transform((event) => ({ [event]: null }))]),
  permissions: z.record(z.string(), z.string()).optional(),
  concurrency: z.unknown().optional(),
  env: variables.default({}),
  jobs: z.record(z.string(), job),
});

const action = z.object({ runs: z.object({ steps: z.array(step) }) });

export type Step = z.output<typeof step>;
export type Job = z.output<typeof job>;
export type Workflow = z.output<typeof workflow>;

const yamlIn = (folder: string) => readdirSync(join(root, folder)).map((file) => `${folder}/${file}`);
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Every workflow of this repository, by its file. */
export const workflows: ReadonlyMap<string, Workflow> = new Map(
  yamlIn('.github/workflows').map((file) => [file, workflow.parse(parse(textOf(file)))]),
);

/** The steps of the composite action that sets a job up. */
export const setupSteps: readonly Step[] = action.parse(parse(textOf('.github/actions/setup/action.yml')))
  .runs.steps;

/** The files that GitHub reads workflows from, as they are written. */
export const workflowTexts: readonly (readonly [file: string, text: string])[] = [
  ...workflows.keys(),
  '.github/actions/setup/action.yml',
].map((file) => [file, textOf(file)]);

/** A workflow's job, by the names that they have. */
export function jobOf(file: string, name: string): { readonly workflow: Workflow; readonly job: Job } {
  const found = workflows.get(`.github/workflows/${file}`);
  const job = found?.jobs[name];
  if (found && job) return { workflow: found, job };
  throw new TandemError('Unexpected', {
    found: `no job ${name} in ${file}`,
    expected: 'one that is there',
    next: 'see .github/workflows',
  });
}

/** The variables of a step as GitHub would set them, with what its expressions stand for. */
export function environmentOf(
  { workflow, job }: ReturnType<typeof jobOf>,
  step: Step,
  expressions: Readonly<Record<string, string>>,
): Record<string, string> {
  const all = { ...workflow.env, ...job.env, ...step.env };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [
      name,
      value.replaceAll(
        /\$\{\{ *(.*?) *\}\}/g,
        (whole, expression: string) => expressions[expression] ?? whole,
      ),
    ]),
  );
}
