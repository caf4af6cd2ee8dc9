import type { Budget } from '../../lib/wait';
import type { AnyCall, Aws } from './calls';

/** One step of an operation, as data first: a dry run prints it, and the runner does what it says. */
export interface Step {
  /** Its name in the journal. */
  readonly name: string;
  readonly title: string;
  readonly region: string;
  readonly budget: Budget;
  /** What changes something, in order. */
  readonly calls: readonly AnyCall[];
  /** What is asked to see whether it is needed, and done. */
  readonly asks: readonly AnyCall[];
  /** Whether the calls are still to be made; always, when left out. Calls are made at most once by one runner. */
  readonly needed?: (aws: Aws) => Promise<boolean>;
  /** Whether it is seen to be done, or by what, for the journal; that AWS took the calls, when left out. */
  readonly done?: (aws: Aws) => Promise<boolean | string>;
  /** Work that is no call to AWS, such as a file or Terraform's; done before the calls. It can be repeated. */
  readonly run?: (signal: AbortSignal) => Promise<string | undefined>;
  /** Refusals by AWS that may only mean "not yet" or "already": the wait goes on. */
  readonly bearsWith?: readonly string[];
  /** Whether the operation goes on without it. */
  readonly optional?: true;
  /** What takes it back, when a later step fails before the point of no return. */
  readonly undo?: Step;
  /** Whether nothing before it can be taken back once it began. */
  readonly noReturn?: true;
  /** The state of the environment once it is done, as a sentence. */
  readonly after: string;
}

/** A movement of an environment between its regions. */
export interface Operation {
  readonly name: 'failover' | 'switchover' | 'rebuild';
  readonly environment: string;
  /** The region that was active, and ends fenced or is made a standby again. */
  readonly from: string;
  /** The region that is active in the end: its journal is the operation's. */
  readonly to: string;
  /** Whether the region that is left has to answer: nothing may be unfinished in its journal either, such as the other's rebuild. */
  readonly needsBoth: boolean;
  /** Unfinished operations to the same region that this one may take the place of. */
  readonly supersedes: readonly Operation['name'][];
  /** What to type to go on with it. */
  readonly command: string;
  /**
   * Looks whether it may start, and says what it found; changes nothing.
   * @throws TandemError OperationRefused
   */
  readonly preflight: () => Promise<readonly string[]>;
  /** Whether AWS still shows what it brought about, when it is journalled as done. */
  readonly holds: () => Promise<boolean>;
  readonly steps: readonly Step[];
}
