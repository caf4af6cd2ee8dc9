import type { ShownRole } from './evidence/record';

/** What an engine tells while it works; the terminal, the journal and the evidence listen to the same stream. */
export type DrillEvent = { readonly atMs: number } & (
  | { readonly type: 'phase-started'; readonly phase: string; readonly budgetSeconds: number }
  | { readonly type: 'phase-ended'; readonly phase: string; readonly outcome: 'done' | 'failed' }
  | { readonly type: 'note'; readonly phase: string; readonly text: string }
  | { readonly type: 'mark'; readonly label: string; readonly region?: string }
  | { readonly type: 'role'; readonly region: string; readonly role: ShownRole }
);

export type Listener = (event: DrillEvent) => void;

/** Milliseconds since the clock was made, never going back; every time in the evidence is one of these. */
export interface Clock {
  now(): number;
}

export function startClock(): Clock {
  const origin = performance.now();
  return { now: () => performance.now() - origin };
}
