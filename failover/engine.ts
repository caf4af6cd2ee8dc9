import { once } from 'node:events';
import type { Environment } from '../environments';
import type { Roles } from '../environments/roles';
import { reasonOf, TandemError } from '../lib/errors';
import { versions } from '../lib/versions';
import { phaseBudgets } from './budgets';
import { type Drill, type Phase, type Scenario, scenarios, type Told } from './drill';
import { errorOf, machineWith, outcomeOf } from './evidence/frame';
import type { Evidence } from './evidence/record';
import { type DrillEvent, type Listener, startClock } from './events';
import { Ledger } from './ledger';
import { judge } from './objectives';
import { baseline } from './phases/baseline';
import { detect } from './phases/detect';
import { fence } from './phases/fence';
import { heal } from './phases/heal';
import { inject } from './phases/inject';
import { preflight } from './phases/preflight';
import { promote } from './phases/promote';
import { rebuild, restore } from './phases/rebuild';
import { reconcile } from './phases/reconcile';
import { route } from './phases/route';
import { switchover } from './phases/switchover';
import { verify } from './phases/verify';
import { Recorder } from './recorder';
import type { Target } from './target';

/** Every drill as a list: over and back, or only down and up again. */
export const phases: readonly Phase[] = [
  preflight,
  baseline,
  inject,
  heal,
  detect,
  promote,
  route,
  verify,
  fence,
  reconcile,
  rebuild,
  switchover,
  restore,
];

/** The phases of a drill with that scenario. */
export const phasesOf = (scenario: Scenario): readonly Phase[] =>
  phases.filter(({ only }) => only === undefined || only === scenarios[scenario].ends);

export interface DrillOptions {
  readonly run: string;
  readonly environment: Environment;
  readonly roles: Roles;
  readonly target: Target;
  readonly scenario: Scenario;
  readonly changes: Drill['changes'];
  readonly listeners: readonly Listener[];
  /** Aborting it interrupts the drill; the evidence says so. */
  readonly signal: AbortSignal;
}

/**
 * Runs every phase in order and returns the evidence, whatever happened: a failed phase, an interruption and a missed
 * objective are outcomes, not exceptions. Nothing of the target is left when it returns.
 */
export async function runDrill(options: DrillOptions): Promise<Evidence> {
  const { target, signal } = options;
  const startedAt = new Date();
  const clock = startClock();
  const recorder = new Recorder();
  const listeners = [recorder.listen, (event: DrillEvent) => target.journal(event), ...options.listeners];
  let over = false;
  const tell = (event: Told): void => {
    // A call that was left hanging may end after its drill: that is nobody's news any more.
    if (over) return;
    const stamped: DrillEvent = { ...event, atMs: clock.now() };
    for (const listen of listeners) listen(stamped);
  };
  const drill = newDrill(options, clock, tell);
  let failure: unknown;
  let interrupted = false;
  try {
    for (const phase of phasesOf(options.scenario)) await runPhase(phase, drill);
  } catch (thrown) {
    failure = thrown;
    interrupted = signal.aborted;
  }
  over = true;
  await drill.clients?.stop();
  try {
    await target.close();
  } catch (thrown) {
    failure ??= thrown;
    const text = `the target did not end: ${reasonOf(thrown)}`;
    recorder.phases.at(-1)?.notes.push(text);
  }
  const { environment, run, scenario } = options;
  const objectives = judge(environment.objectives, drill.movements, target.shortened);
  const finished = failure === undefined;
  return {
    schema: 'tandem/evidence/v1',
    run,
    tandemVersion: versions.tandem,
    environment: environment.name,
    target: target.kind,
    scenario,
    startedAt: startedAt.toISOString(),
    durationSeconds: clock.now() / 1000,
    regions: environment.regions,
    machine: machineWith(target.software),
    timing: target.timing,
    shortened: [...target.shortened],
    simulated: [...target.simulated],
    outcome: outcomeOf(failure, interrupted, objectives),
    ...(!finished && !interrupted && { error: errorOf(failure) }),
    phases: recorder.phases,
    movements: drill.movements,
    ...(drill.fence && { fence: drill.fence }),
    objectives,
    timeline: recorder.timeline(drill.observations, clock.now()),
    next: nextCommands(environment.name, target.kind, options.scenario, finished),
  };
}

/** Milliseconds that a wait inside a phase has to miss the budget first: it says better what it waited for. */
const graceMs = 1000;

/** One phase within its budget. Failure is the default: only a phase that returned in time ends "done". */
async function runPhase({ name, run }: Phase, drill: Drill): Promise<void> {
  const { tell, signal } = drill;
  const budget = drill.budgets[name];
  tell({ type: 'phase-started', phase: name, budgetSeconds: budget.seconds });
  const late = new AbortController();
  const timer = setTimeout(
    () => {
      late.abort(
        new TandemError('BudgetExceeded', {
          found: `phase ${name} was not done after ${budget.seconds} s`,
          expected: `at most ${budget.seconds} s (budget ${budget.name})`,
          next: 'see the notes of the phase in the evidence, then run the drill again',
        }),
      );
    },
    budget.seconds * 1000 + graceMs,
  );
  const stop = AbortSignal.any([signal, late.signal]);
  let outcome: 'done' | 'failed' = 'failed';
  try {
    stop.throwIfAborted();
    await Promise.race([
      run(drill, (text) => tell({ type: 'note', phase: name, text }), stop),
      rejectOn(stop),
    ]);
    outcome = 'done';
  } finally {
    clearTimeout(timer);
    tell({ type: 'phase-ended', phase: name, outcome });
  }
}

async function rejectOn(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  signal.throwIfAborted();
}

function newDrill(options: DrillOptions, clock: Drill['clock'], tell: Drill['tell']): Drill {
  const { environment, roles, target } = options;
  const [first, second] = environment.regions;
  const from = roles[second]?.role === 'active' ? second : first;
  return {
    prefix: Date.now().toString(36),
    target,
    scenario: options.scenario,
    clock,
    ledger: new Ledger(),
    signal: options.signal,
    budgets: phaseBudgets(target.timing, target.pace),
    changes: options.changes,
    tell,
    from,
    to: from === first ? second : first,
    primary: first,
    roles,
    observations: [],
    times: {},
    movements: [],
  };
}

function nextCommands(
  environment: string,
  kind: Target['kind'],
  scenario: Scenario,
  finished: boolean,
): string[] {
  const command = `tandem drill ${environment}${kind === 'embedded' ? ' --target embedded' : ''}`;
  if (!finished) return ['tandem doctor', command];
  const other = `${command} --scenario ${scenario === 'blackout' ? 'kill' : 'blackout'}`;
  return kind === 'embedded' ? [other, `${command} --real-time`] : [other, `tandem plan ${environment}`];
}
