import type { AwsEnvironment } from '../../environments';
import { versions } from '../../lib/versions';
import type { Observation } from '../clients';
import type { Told } from '../drill';
import { errorOf, machineWith, outcomeOf } from '../evidence/frame';
import type { Evidence, Movement } from '../evidence/record';
import type { DrillEvent } from '../events';
import type { Comparison, Ledger } from '../ledger';
import { measureMovement } from '../movement';
import { judgeAlone } from '../objectives';
import { Recorder } from '../recorder';
import { stepBudgets } from './budgets';
import type { OperationRecord } from './journal';
import type { Operation } from './operation';

/** An operation with what its journal says of it. */
export interface Journalled {
  readonly operation: Operation;
  readonly record: OperationRecord;
}

/** What clients saw, on the wall clock, as the journal is. */
export interface Measured {
  /** When they began, in milliseconds since 1970; their own times count from there. */
  readonly originMs: number;
  readonly ledger: Ledger;
  readonly observations: readonly Observation[];
  readonly comparison: Comparison;
}

/** A drill by operations, as far as it has come. */
export interface Rehearsal {
  readonly run: string;
  readonly environment: AwsEnvironment;
  readonly moved: Journalled;
  /** ISO times of the hand-over to Terraform, which no journal has: both latches were as the roles demand at `openedAt`. */
  readonly reconciled?: {
    readonly startedAt: string;
    readonly openedAt?: string;
    readonly endedAt?: string;
  };
  readonly rebuilt?: Journalled;
  /** Or why no client measured. */
  readonly load: Measured | string;
  /** What ended it before its end. */
  readonly failure?: unknown;
  readonly interrupted: boolean;
}

/** The evidence of a drill by operations: every time in it is the journal's, or a client's. */
export function evidenceOf(rehearsal: Rehearsal): Evidence {
  const { run, environment, moved, rebuilt, load, failure, interrupted } = rehearsal;
  const { name, regions, healthCheck, dns, objectives, postgres, cache } = environment;
  const { name: scenario } = moved.operation;
  const zero = typeof load === 'string' ? Date.parse(moved.record.startedAt) : load.originMs;
  const at = (iso: string): number => Math.max(0, Date.parse(iso) - zero);
  const endMs = Math.max(Date.now() - zero, 0);
  const recorder = new Recorder();
  for (const event of [
    ...stepsOf(moved, at, endMs),
    ...handOver(rehearsal, at, endMs),
    ...(rebuilt ? stepsOf(rebuilt, at, endMs) : []),
    ...rolesOf(rehearsal, at),
  ]) {
    recorder.listen(event);
  }
  const movement = movementOf(rehearsal, at);
  const judged = movement ? judgeAlone(objectives, movement) : [];
  const finished = failure === undefined && !interrupted;
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  return {
    schema: 'tandem/evidence/v1',
    run,
    tandemVersion: versions.tandem,
    environment: name,
    target: environment.target,
    scenario,
    startedAt: new Date(zero).toISOString(),
    durationSeconds: endMs / 1000,
    regions,
    machine: machineWith({
      postgres: `RDS for PostgreSQL ${versions.postgres}, ${postgres.instanceClass}, as declared`,
      cache: `ElastiCache for Valkey ${versions.valkey}, ${cache.nodeType}, as declared`,
    }),
    timing: {
      healthCheckIntervalSeconds: healthCheck.intervalSeconds,
      failureThreshold: healthCheck.failureThreshold,
      ttlSeconds: dns.ttlSeconds,
    },
    shortened: [],
    simulated: [
      `Nothing of ${moved.operation.from} was broken: it left by its latch and ran on.`,
      ...(endpoint === undefined ? [] : [`AWS: ${endpoint} answered in its place (AWS_ENDPOINT_URL).`]),
    ],
    outcome: outcomeOf(failure, interrupted, judged),
    ...(failure !== undefined && !interrupted && { error: errorOf(failure) }),
    phases: recorder.phases,
    movements: movement ? [movement] : [],
    objectives: judged,
    timeline: recorder.timeline(typeof load === 'string' ? [] : load.observations, endMs),
    next: finished
      ? [`tandem plan ${name}`, `tandem drill ${name}`]
      : [`tandem drill ${name} --scenario ${scenario}`, `tandem status ${name}`],
  };
}

type At = (iso: string) => number;

/** The steps of an operation as the engine's phases, by its journal; one without an end failed. */
function stepsOf({ operation, record }: Journalled, at: At, endMs: number): DrillEvent[] {
  return record.steps.flatMap(({ name, startedAt, endedAt, outcome, note }) => {
    // A step that is not asked for any more was taken by another runner, for what is gone since.
    const step = operation.steps.find((each) => each.name === name);
    if (!step) return [];
    const phase = `${operation.name}: ${name}`;
    return phaseOf(phase, step.budget.seconds, at(startedAt), endedAt === undefined ? endMs : at(endedAt), {
      outcome: outcome ?? 'failed',
      ...(note !== undefined && { note }),
    });
  });
}

function handOver({ environment, reconciled, moved }: Rehearsal, at: At, endMs: number): DrillEvent[] {
  if (!reconciled) return [];
  const { startedAt, endedAt } = reconciled;
  const done = endedAt !== undefined;
  return phaseOf(
    'reconcile',
    stepBudgets(environment).reconcile.seconds,
    at(startedAt),
    done ? at(endedAt) : endMs,
    {
      outcome: done ? 'done' : 'failed',
      ...(done && { note: `every stack of ${moved.operation.to} is as declared` }),
    },
  );
}

function phaseOf(
  phase: string,
  budgetSeconds: number,
  startedAtMs: number,
  endedAtMs: number,
  { outcome, note }: { readonly outcome: 'done' | 'failed'; readonly note?: string },
): DrillEvent[] {
  return [
    { type: 'phase-started', phase, budgetSeconds, atMs: startedAtMs },
    ...(note === undefined ? [] : [{ type: 'note' as const, phase, text: note, atMs: endedAtMs }]),
    { type: 'phase-ended', phase, outcome, atMs: endedAtMs },
  ];
}

const stepIn = ({ record }: Journalled, name: string) => record.steps.find((step) => step.name === name);

/** When a step was done; undefined when it was not. */
const endOf = (journalled: Journalled, name: string): string | undefined => {
  const step = stepIn(journalled, name);
  return step?.outcome === 'done' ? step.endedAt : undefined;
};

/** Roles and marks: what a step that began or ended made of a region. */
function rolesOf({ moved, rebuilt }: Rehearsal, at: At): DrillEvent[] {
  const { from, to } = moved.operation;
  const told = stepIn(moved, 'close-latch')?.startedAt;
  const when = (iso: string | undefined, ...events: readonly Told[]): DrillEvent[] =>
    iso === undefined ? [] : events.map((event) => ({ ...event, atMs: at(iso) }));
  const role = (region: string, is: 'active' | 'standby' | 'fenced' | 'rebuilding'): Told => ({
    type: 'role',
    region,
    role: is,
  });
  const mark = (label: string, region: string): Told => ({ type: 'mark', label, region });
  return [
    ...when(moved.record.startedAt, role(from, 'active'), role(to, 'standby')),
    ...when(told, mark('told to leave', from), role(from, 'fenced')),
    ...when(endOf(moved, 'stop-writes'), mark('writes stopped', from)),
    ...when(endOf(moved, 'drain'), mark('drained', to)),
    ...when(endOf(moved, 'promote-database'), mark('promoted', to), role(to, 'active')),
    ...(rebuilt
      ? [
          ...when(stepIn(rebuilt, 'replace-stores')?.startedAt, role(from, 'rebuilding')),
          ...when(endOf(rebuilt, 'declare-standby'), mark('standby again', from), role(from, 'standby')),
        ]
      : []),
  ];
}

/** Undefined until the new region takes writes and nothing keeps it out of DNS. */
function movementOf({ environment, moved, reconciled, load }: Rehearsal, at: At): Movement | undefined {
  const { name: kind, from, to } = moved.operation;
  const told = stepIn(moved, 'close-latch')?.startedAt;
  const promoted = endOf(moved, 'promote-database');
  // The first region's latch is closed while it is a standby: a failover opens it by reconcile.
  const openedAt =
    endOf(moved, 'open-latch') ?? (to === environment.regions[0] ? reconciled?.openedAt : promoted);
  if (kind === 'rebuild' || told === undefined || promoted === undefined || openedAt === undefined)
    return undefined;
  const startedAtMs = at(told);
  const promotedAtMs = at(promoted);
  const drained = endOf(moved, 'drain');
  const oldStoppedAtMs = drained === undefined ? startedAtMs : at(drained);
  const facts = { kind, from, to, startedAtMs, oldStoppedAtMs, promotedAtMs };
  if (typeof load !== 'string') return measureMovement(load, { ...facts, comparison: load.comparison });
  const openAtMs = Math.max(promotedAtMs, at(openedAt));
  return {
    kind,
    from,
    to,
    startedAtMs,
    lastWriteBeforeAtMs: startedAtMs,
    firstWriteAfterAtMs: openAtMs,
    rto: {
      detectSeconds: (oldStoppedAtMs - startedAtMs) / 1000,
      promoteSeconds: (promotedAtMs - oldStoppedAtMs) / 1000,
      routeSeconds: (openAtMs - promotedAtMs) / 1000,
      firstWriteSeconds: 0,
      totalSeconds: (openAtMs - startedAtMs) / 1000,
    },
    acknowledgedWrites: 0,
    lostWrites: [],
    unacknowledgedPresent: 0,
    lossWindowSeconds: 0,
    noLoad: [load, lossFact(moved)].join('; '),
  };
}

/** What is known of losses without a client: what the drain saw, or how far behind the replica was. */
const lossFact = (moved: Journalled): string =>
  stepIn(moved, 'drain')?.note ?? `before it began, ${moved.record.found.join('; ')}`;
