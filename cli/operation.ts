import type { AnyCall } from '../failover/operations/calls';
import type { OperationRecord } from '../failover/operations/journal';
import type { Operation, Step } from '../failover/operations/operation';
import { perform } from '../failover/operations/runner';
import { AwsTarget } from '../failover/targets/aws';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';
import { showProgress } from './progress';

export interface OperationFlags {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/**
 * Shows, asks for and carries out an operation, or only shows it; the process's exit code says how it ended.
 * @param regions the only ones that it may call
 * @param next what to type when it is done
 */
export async function operate(
  regions: readonly string[],
  flags: OperationFlags,
  plan: (aws: AwsTarget) => Promise<Operation>,
  next: readonly string[],
): Promise<void> {
  const { signal, by } = interruptible();
  const aws = new AwsTarget(regions);
  try {
    const operation = await plan(aws);
    if (flags.dryRun) {
      await show(operation, flags);
      return;
    }
    const record = await performShown(operation, aws, flags, signal);
    if (flags.json) console.log(JSON.stringify({ ...record, next }, null, 2));
    else console.log(outcomeOf(operation, record, next).join('\n'));
  } catch (thrown) {
    const interruption = by();
    if (!interruption) throw thrown;
    console.error(`ended by ${interruption}; the journal says where\nNext: run the same command again`);
    process.exitCode = exitCodeOf[interruption];
  } finally {
    aws.close();
  }
}

/** Carries an operation out with its progress on the terminal; asks before, unless told not to. @throws as `perform` */
export async function performShown(
  operation: Operation,
  aws: AwsTarget,
  flags: OperationFlags,
  signal: AbortSignal,
): Promise<OperationRecord> {
  const told: ReturnType<typeof showProgress>[] = [];
  try {
    return await perform(operation, {
      aws,
      signal,
      listeners: [(event) => told.forEach(({ listen }) => listen(event))],
      approve: async (found) => {
        if (!flags.json)
          console.log([titleOf(operation), ...found.map((each) => `  ${each}`), ''].join('\n'));
        if (!flags.yes) {
          console.log(operation.steps.map(({ title, region }) => `  ${title} (${region})`).join('\n'));
          await confirm(operation.command, signal);
        }
        if (!flags.json) told.push(showProgress(operation.steps));
      },
    });
  } finally {
    if (!signal.aborted) await Promise.all(told.map(({ finished }) => finished()));
  }
}

const titleOf = ({ name, environment, from, to }: Operation): string =>
  name === 'rebuild'
    ? `rebuild of ${from} in ${environment}, as a standby of ${to}`
    : `${name} of ${environment} from ${from} to ${to}`;

function outcomeOf(operation: Operation, record: OperationRecord, next: readonly string[]): string[] {
  const failed = record.steps.filter(({ outcome }) => outcome === 'failed');
  return [
    '',
    `Done: ${operation.steps.at(-1)?.after ?? ''}`,
    ...record.found.filter((each) => each.startsWith('accepted: ')),
    ...failed.map(({ name, note }) => `Not done: ${name}: ${note ?? ''}\n  again: ${operation.command}`),
    ...next.map((each) => `Next: ${each}`),
  ];
}

/** Prints what the operation would do, then what speaks against it, if anything does. */
async function show(operation: Operation, { json }: OperationFlags): Promise<void> {
  if (json) console.log(JSON.stringify(listed(operation), null, 2));
  else console.log(listing(operation).join('\n'));
  const found = await operation.preflight();
  if (!json) console.log(['It could start now:', ...found.map((each) => `  ${each}`)].join('\n'));
}

/** What an operation would do, as data. */
export const listed = ({ name, to, steps }: Operation) => ({
  operation: name,
  to,
  steps: steps.map(({ name: step, title, region, budget, asks, calls }) => ({
    name: step,
    title,
    region,
    budgetSeconds: budget.seconds,
    asks,
    calls,
  })),
});

/** The same for people. */
export const listing = (operation: Operation): string[] => [
  `${titleOf(operation)}: what would be done, in this order`,
  ...operation.steps.flatMap((step, at) => linesOf(step, at + 1)),
  `Before and after each: dynamodb:PutItem in ${operation.to}, the journal`,
  '',
];

function linesOf({ name, title, budget, calls, asks, optional }: Step, number: number): string[] {
  return [
    `${String(number).padStart(2)} ${name}: ${title}, at most ${budget.seconds} s${optional ? '; goes on without it' : ''}`,
    ...calls.map((call) => `     ${callOf(call)}`),
    ...asks.map((call) => `     asks ${callOf(call)}`),
  ];
}

const callOf = ({ action, region, parameters }: AnyCall): string =>
  `${action} in ${region} ${JSON.stringify(parameters)}`;
