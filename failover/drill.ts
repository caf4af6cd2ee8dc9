import type { Role, Roles } from '../environments/roles';
import type { Budget } from '../lib/wait';
import type { Clients, Observation } from './clients';
import type { PhaseName } from './budgets';
import type { Evidence, Movement } from './evidence/record';
import type { Clock, DrillEvent } from './events';
import type { Ledger } from './ledger';
import type { Fault, Target } from './target';

interface ScenarioFacts {
  readonly text: string;
  /** In the order in which they are injected, half a second apart. */
  readonly faults: readonly Fault[];
  /** `failover`: the region is lost, and the other takes over. `heal`: the region is to mend itself, in its place. */
  readonly ends: 'failover' | 'heal';
}

/** What is done to the active region, and how it has to end. */
export const scenarios = {
  blackout: {
    text: 'the link between the regions is lost half a second before every process of the active region is killed',
    faults: ['cut-link', 'kill-region'],
    ends: 'failover',
  },
  kill: {
    text: 'every process of the active region is killed at once',
    faults: ['kill-region'],
    ends: 'failover',
  },
  freeze: {
    text: 'the active region stands still: it answers nothing, and every connection to it stays open',
    faults: ['freeze-region'],
    ends: 'failover',
  },
  partition: {
    text: 'the active region is off the network: it runs on, and nobody reaches it',
    faults: ['cut-region'],
    ends: 'failover',
  },
  pods: {
    text: 'every pod of the active region is deleted at once: its cluster has to bring them back',
    faults: ['delete-pods'],
    ends: 'heal',
  },
  postgres: {
    text: 'every process of the active region’s PostgreSQL is killed: its cluster has to start it again',
    faults: ['kill-postgres'],
    ends: 'heal',
  },
} as const satisfies Record<string, ScenarioFacts>;

export type Scenario = keyof typeof scenarios;

/** An event as a phase tells it; the engine stamps the time. */
export type Told = DrillEvent extends infer E ? (E extends DrillEvent ? Omit<E, 'atMs'> : never) : never;

/** What the phases of one drill share: fixed facts first, then what they find out. */
export interface Drill {
  /** Begins the id of every write of this drill, and of no other's. */
  readonly prefix: string;
  readonly target: Target;
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  readonly budgets: Readonly<Record<PhaseName, Budget>>;
  /** What Terraform would change with these roles, a line a stack; empty when nothing. */
  readonly changes: (roles: Roles, signal: AbortSignal) => Promise<readonly string[]>;
  readonly tell: (event: Told) => void;
  /** The region that is active when the drill begins, and gets lost. */
  readonly from: string;
  readonly to: string;
  /** Route 53's PRIMARY, by place: it stays the same whichever region is active. */
  readonly primary: string;
  roles: Roles;
  readonly observations: Observation[];
  clients?: Clients;
  /** Times on the drill's clock, in milliseconds, as phases reach them. */
  readonly times: Partial<Record<'fault' | 'verdict' | 'promoted' | 'cameBack', number>>;
  readonly movements: Movement[];
  fence?: NonNullable<Evidence['fence']>;
}

/** A phase says its name and what it does; its budget goes by its name. */
export interface Phase {
  readonly name: PhaseName;
  /** Left out for what every drill does. */
  readonly only?: ScenarioFacts['ends'];
  readonly title: (drill: Pick<Drill, 'from' | 'to'>) => string;
  readonly run: (drill: Drill, note: (text: string) => void, signal: AbortSignal) => Promise<void>;
}

/** The same generations under new roles. */
export function withRoles(roles: Roles, changed: Readonly<Record<string, Role>>): Roles {
  return Object.fromEntries(
    Object.entries(roles).map(([region, entry]) => [
      region,
      { ...entry, role: changed[region] ?? entry.role },
    ]),
  );
}
