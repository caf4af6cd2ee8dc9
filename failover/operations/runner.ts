import { setTimeout as sleep } from 'node:timers/promises';
import { asCoded, reasonOf, TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import type { Told } from '../drill';
import { type Listener, startClock } from '../events';
import { type Aws, refusalOf } from './calls';
import { Journal, type OperationRecord } from './journal';
import type { Operation, Step } from './operation';

export interface RunOptions {
  readonly aws: Aws;
  readonly listeners: readonly Listener[];
  /** Aborting it ends the operation between two calls; the journal says where. */
  readonly signal: AbortSignal;
  /** Asked before anything changes, with what was found; throwing keeps it from happening. */
  readonly approve?: (found: readonly string[]) => Promise<void>;
}

/** Taking back what was done is not interrupted by what interrupted it. */
const unending = AbortSignal.any([]);

/** Milliseconds between two beats of a runner. */
const beatMs = 3_000;

/**
 * Carries an operation out, or on from where the journal says that another runner left it, and returns its record. One that is done
 * and still holds is left as it is. What fails before the point of no return is taken back.
 * @throws TandemError OperationRefused, OperationUnderWay, OperationLost, OperationHalted; the signal's reason when aborted
 */
export async function perform(
  operation: Operation,
  { aws, listeners, signal, approve }: RunOptions,
): Promise<OperationRecord> {
  const clock = startClock();
  const tell = (event: Told) => listeners.forEach((listen) => listen({ ...event, atMs: clock.now() }));
  const journal = new Journal(aws, operation.environment, operation.to);
  if (operation.needsBoth) {
    const peer = (await new Journal(aws, operation.environment, operation.from).read())?.record;
    if (peer && isUnfinished(peer)) throw unfinished(peer, operation);
  }
  const before = await turnOf(operation, journal, signal);
  const mine = before && isSame(before, operation) ? before : undefined;
  const holds = mine?.outcome === 'done' && (await operation.holds());
  if (holds && !mine.steps.some(failed)) return mine;
  // Also one that is done but for what could fail alone.
  const resumed = mine && (holds || isUnfinished(mine)) ? mine : undefined;
  const found = resumed ? resumed.found : await operation.preflight();
  await approve?.(found);
  const run = new Run(
    journal,
    {
      schema: 'tandem/operation/v1',
      operation: operation.name,
      from: operation.from,
      to: operation.to,
      startedAt: resumed ? resumed.startedAt : new Date().toISOString(),
      owner: journal.owner,
      outcome: 'running',
      found: [...found],
      steps: resumed ? resumed.steps.filter((step) => step.outcome === 'done') : [],
    },
    signal,
  );
  try {
    await run.save({});
    for (const step of operation.steps) {
      if (run.isDone(step)) skip(step, tell);
      else await takeStep(step, aws, run, tell);
    }
    await run.save({ outcome: 'done' });
    return run.record;
  } catch (thrown) {
    throw await ended(thrown, operation, aws, run);
  } finally {
    run.stop();
  }
}

const isUnfinished = ({ outcome }: OperationRecord): boolean => outcome === 'running' || outcome === 'halted';

const isSame = ({ operation, to }: OperationRecord, { name, to: region }: Operation): boolean =>
  operation === name && to === region;

const failed = ({ outcome }: OperationRecord['steps'][number]): boolean => outcome === 'failed';

/**
 * Waits for its turn: a runner of the same operation that is gone is waited for until its beat has not changed for a lease.
 * @throws TandemError OperationUnderWay
 */
async function turnOf(
  operation: Operation,
  journal: Journal,
  signal: AbortSignal,
): Promise<OperationRecord | undefined> {
  const found = await journal.read();
  if (!found || !isUnfinished(found.record)) return found?.record;
  const { record } = found;
  const superseded = operation.supersedes.includes(record.operation);
  if (!isSame(record, operation) && !superseded) throw unfinished(record, operation);
  if (record.outcome === 'halted') return record;
  for (const until = performance.now() + Journal.leaseSeconds * 1000; performance.now() < until;) {
    await sleep(1000, undefined, { signal });
    const now = await journal.read();
    if (!now || !isUnfinished(now.record)) return now?.record;
    if (now.record.outcome === 'halted') return now.record;
    if (now.beat !== found.beat) throw underWay(now.record, 'let it end, or stop that runner');
  }
  return record;
}

const flagsOf = ({ operation, from, to }: OperationRecord): string =>
  operation === 'rebuild' ? `--region ${from}` : `--to ${to}`;

const unfinished = (record: OperationRecord, { environment }: Operation): TandemError =>
  underWay(record, `finish it first: tandem ${record.operation} ${environment} ${flagsOf(record)}`);

const underWay = ({ operation, from, to, owner, startedAt }: OperationRecord, next: string): TandemError =>
  new TandemError('OperationUnderWay', {
    found: `a ${operation} from ${from} to ${to}, since ${startedAt}, by ${owner}`,
    expected: 'no other operation',
    next,
  });

/** An operation on its way: its record in the journal, and the beat that says that somebody is at it. */
class Run {
  readonly #lost = new AbortController();
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #heardAt = performance.now();

  constructor(
    private readonly journal: Journal,
    public record: OperationRecord,
    signal: AbortSignal,
  ) {
    this.signal = AbortSignal.any([signal, this.#lost.signal]);
    this.#timer = setInterval(() => void this.#beat(), beatMs);
  }

  async save(changes: Partial<OperationRecord>): Promise<void> {
    this.record = { ...this.record, ...changes };
    await this.journal.write(this.record);
    this.#heardAt = performance.now();
  }

  isDone(step: Step): boolean {
    return this.record.steps.some(({ name, outcome }) => name === step.name && outcome === 'done');
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A runner that can't renew its lease any more must not go on: somebody else may have begun to. */
  async #beat(): Promise<void> {
    try {
      await this.save({});
    } catch (thrown) {
      const over = performance.now() - this.#heardAt > Journal.leaseSeconds * 1000;
      if (over || asCoded(thrown).code === 'OperationLost') this.#lost.abort(thrown);
    }
  }
}

/** Tells of a step that an earlier runner did. */
function skip({ name: phase, budget }: Step, tell: (event: Told) => void): void {
  tell({ type: 'phase-started', phase, budgetSeconds: budget.seconds });
  tell({ type: 'note', phase, text: 'done before, by the journal' });
  tell({ type: 'phase-ended', phase, outcome: 'done' });
}

async function takeStep(step: Step, aws: Aws, run: Run, tell: (event: Told) => void): Promise<void> {
  const { name, budget, optional } = step;
  const others = run.record.steps.filter((each) => each.name !== name);
  const begun = { name, startedAt: new Date().toISOString() };
  await run.save({ steps: [...others, begun] });
  tell({ type: 'phase-started', phase: name, budgetSeconds: budget.seconds });
  const end = async (outcome: 'done' | 'failed', note?: string) => {
    const endedAt = new Date().toISOString();
    await run.save({
      steps: [...others, { ...begun, endedAt, outcome, ...(note !== undefined && { note }) }],
    });
    if (note !== undefined) tell({ type: 'note', phase: name, text: note });
    tell({ type: 'phase-ended', phase: name, outcome });
  };
  try {
    await end('done', await carryOut(step, aws, run.signal));
  } catch (thrown) {
    if (optional && !run.signal.aborted) return end('failed', reasonOf(thrown));
    tell({ type: 'phase-ended', phase: name, outcome: 'failed' });
    throw thrown;
  }
}

async function carryOut(step: Step, aws: Aws, signal: AbortSignal): Promise<string | undefined> {
  const { title, budget, calls, needed, done, bearsWith = [] } = step;
  const note = await step.run?.(signal);
  let sent = 0;
  const seen = await waitFor(
    { what: title, budget, next: 'see what AWS says of it', everyMs: done ? 1000 : 200, signal },
    async () => {
      if (sent === 0 && needed && !(await needed(aws))) return !done || (await done(aws)) || undefined;
      try {
        for (const call of calls.slice(sent)) {
          await aws.send(call);
          sent += 1;
        }
      } catch (thrown) {
        const refusal = refusalOf(thrown);
        if (refusal === undefined || !bearsWith.includes(refusal)) throw thrown;
      }
      return !done || (await done(aws)) || undefined;
    },
  );
  return typeof seen === 'string' ? seen : note;
}

/** Ends a run that failed: takes back what can be, lets the journal go, and says what state the environment is in. */
async function ended(thrown: unknown, operation: Operation, aws: Aws, run: Run): Promise<unknown> {
  const error = asCoded(thrown);
  if (error.code === 'OperationLost') return error;
  const { steps, command, environment, from } = operation;
  const begun = (step: Step) => run.record.steps.some(({ name }) => name === step.name);
  const last = steps.findLast((step) => run.isDone(step));
  const at = steps.find((step) => begun(step) && !run.isDone(step));
  const undo = steps
    .filter(begun)
    .toReversed()
    .flatMap((step) => step.undo ?? []);
  const back = undo.length > 0 && !steps.some((step) => step.noReturn && begun(step));
  let state = last?.after ?? `nothing of ${environment} was changed`;
  try {
    if (back) {
      for (const step of undo) await carryOut(step, aws, unending);
      state = `it was taken back, and ${from} is active as before`;
    }
    await run.save({ outcome: back ? 'undone' : 'halted' });
  } catch (cause) {
    state += ` (and its journal could not be closed: ${reasonOf(cause)})`;
  }
  if (run.signal.aborted) return thrown;
  return new TandemError('OperationHalted', {
    found: `${at ? `${at.name} in ${at.region}: ` : ''}${error.detail.found}. State: ${state}`,
    expected: 'every step done',
    next: `${error.detail.next}; ${back ? 'it was taken back, so begin again' : 'it goes on there'}: ${command}`,
    cause: error,
  });
}
