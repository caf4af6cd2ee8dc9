import type { AwsEnvironment } from '../../environments';
import { asCoded } from '../../lib/errors';
import type { Evidence } from '../evidence/record';
import type { Aws } from './calls';
import { evidenceOf, type Journalled, type Rehearsal } from './evidence';
import { Journal, type OperationRecord } from './journal';
import { type Doors, Load } from './load';
import type { Operation } from './operation';

/** What a drill by operations can do to an environment: nothing is broken there. */
export const movements = {
  switchover:
    'the active region leaves as planned: writes are stopped and drained, then the standby is promoted',
  failover:
    'the standby is promoted as if the active region were lost, which is kept out of DNS and runs on; what it takes meanwhile is lost',
} as const;

export interface RehearsalOptions {
  readonly run: string;
  readonly environment: AwsEnvironment;
  readonly aws: Aws;
  /** The switchover or failover that is drilled. */
  readonly move: Operation;
  /** Where clients write meanwhile; or why none do. */
  readonly doors: Doors | string;
  /** Carries an operation out, or on, and returns its record. */
  readonly perform: (operation: Operation) => Promise<OperationRecord>;
  /** Hands the movement to Terraform, and says when both latches are as the roles demand. */
  readonly reconcile: (opened: () => void) => Promise<void>;
  /** What makes the region that left a standby again. */
  readonly rebuild: () => Promise<Operation>;
  /** Keeps what is known so far: the journal forgets a movement when the rebuild begins. */
  readonly keep: (evidence: Evidence) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/** Refusals before anything is done: they leave nothing that would be evidence. */
const refusals: readonly string[] = ['OperationRefused', 'OperationUnderWay', 'NotConfirmed'];

/**
 * Moves an environment, hands it to Terraform and rebuilds the region that left, by the operations that do that in earnest. What
 * stops it is in the evidence; the same drill again goes on from there.
 * @throws TandemError OperationRefused, OperationUnderWay; whatever stops it before the journal has anything
 */
export async function rehearse(options: RehearsalOptions): Promise<Evidence> {
  const { run, environment, aws, move, doors, perform, reconcile, rebuild, keep, signal } = options;
  const load = typeof doors === 'string' ? doors : await Load.start(doors, move.from, signal);
  let moved: Journalled | undefined;
  let rest: Pick<Rehearsal, 'reconciled' | 'rebuilt' | 'load'> = {
    load: typeof load === 'string' ? load : 'it ended before the clients’ writes were compared',
  };
  const evidence = (of: Journalled, ended: Pick<Rehearsal, 'failure' | 'interrupted'>): Evidence =>
    evidenceOf({ run, environment, moved: of, ...rest, ...ended });
  const take = async (operation: Operation, told: (journalled: Journalled) => void): Promise<Journalled> => {
    try {
      const done = { operation, record: await perform(operation) };
      told(done);
      return done;
    } catch (thrown) {
      const record = refusals.includes(asCoded(thrown).code) ? undefined : await leftBy(aws, operation);
      if (record) told({ operation, record });
      throw thrown;
    }
  };
  try {
    const done = await take(move, (journalled) => (moved = journalled));
    const reconciled = { startedAt: now() };
    rest = { ...rest, reconciled };
    await reconcile(() => (rest = { ...rest, reconciled: { ...reconciled, openedAt: now() } }));
    rest = { ...rest, reconciled: { ...reconciled, ...rest.reconciled, endedAt: now() } };
    if (typeof load !== 'string') rest = { ...rest, load: await load.measure(move.to, signal) };
    await keep(evidence(done, { interrupted: true }));
    await take(await rebuild(), (rebuilt) => (rest = { ...rest, rebuilt }));
    return evidence(done, { interrupted: false });
  } catch (failure) {
    if (!moved) throw failure;
    return evidence(moved, { failure, interrupted: signal.aborted });
  } finally {
    if (typeof load !== 'string') await load.stop();
  }
}

const now = (): string => new Date().toISOString();

/** What an operation that ended early left in its journal, where that answers. */
async function leftBy(aws: Aws, { name, environment, to }: Operation): Promise<OperationRecord | undefined> {
  try {
    const found = (await new Journal(aws, environment, to).read())?.record;
    return found?.operation === name && found.outcome !== 'done' ? found : undefined;
  } catch {
    // The error that ended it is told in any case.
    return undefined;
  }
}
