/** What this region's PostgreSQL last said of itself; the epoch is its timeline. */
export type DatabaseView =
  | { readonly state: 'unreachable'; readonly error: string }
  | { readonly state: 'standby' | 'primary'; readonly epoch: number };

export interface GateInputs {
  readonly database: DatabaseView;
  /** The last answer to "where does the public name point"; undefined: none since the process started. */
  readonly witness: string | undefined;
  /** The highest epoch ever seen on the peer as a primary, 0 for none; undefined: no look at it is over yet. */
  readonly peerEpoch: number | undefined;
}

export const roles = ['active', 'standby', 'fenced', 'unknown'] as const;

export type RefusalReason =
  | 'looks-overdue'
  | 'database-unreachable'
  | 'standby'
  | 'peer-unknown'
  | 'epoch-behind'
  | 'witness-unknown'
  | 'witness-elsewhere';

export interface GateState {
  readonly role: (typeof roles)[number];
  readonly epoch: number | null;
  /** Why writes are refused; undefined: they are taken. */
  readonly refusal: RefusalReason | undefined;
}

const unknown: readonly (RefusalReason | undefined)[] = [
  'database-unreachable',
  'peer-unknown',
  'witness-unknown',
];

/** Whether what there is to know of the region has been told; a refusal for lack of an answer is none. */
export const isKnown = ({ refusal }: GateState): boolean => !unknown.includes(refusal);

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * Whether this region may write. A primary that only the witness denies stays `active`, so that it keeps
 * answering the health checks that move the witness back: a blip must not keep a region out for good.
 */
export function decide({ database, witness, peerEpoch }: GateInputs, regionName: string): GateState {
  if (database.state === 'unreachable') {
    return { role: 'unknown', epoch: null, refusal: 'database-unreachable' };
  }
  const { epoch } = database;
  if (database.state === 'standby') return { role: 'standby', epoch, refusal: 'standby' };
  if (peerEpoch === undefined) return { role: 'unknown', epoch, refusal: 'peer-unknown' };
  if (peerEpoch > epoch) return { role: 'fenced', epoch, refusal: 'epoch-behind' };
  if (witness === undefined) return { role: 'active', epoch, refusal: 'witness-unknown' };
  if (plain(witness) !== plain(regionName)) return { role: 'active', epoch, refusal: 'witness-elsewhere' };
  return { role: 'active', epoch, refusal: undefined };
}

/**
 * Keeps what the observers saw, so that a write asks memory and not the network. Closed until all have seen, and while a look
 * is overdue: a process that was frozen and thaws must look again before it may trust its memory.
 */
export class Gate {
  #inputs: GateInputs = {
    database: { state: 'unreachable', error: 'not asked yet' },
    witness: undefined,
    peerEpoch: undefined,
  };
  #state: GateState;
  readonly #lookedAtMs = { database: 0, witness: 0, peer: 0 };

  /** `changed` hears of each new role, refusal or epoch once, with the inputs that led to it. */
  constructor(
    private readonly regionName: string,
    /** Milliseconds after which a look that has not ended is overdue. */
    private readonly overdueMs: number,
    private readonly changed: (state: GateState, inputs: GateInputs) => void,
  ) {
    this.#state = decide(this.#inputs, regionName);
  }

  get state(): GateState {
    const oldest = Math.min(...Object.values(this.#lookedAtMs));
    const overdue = performance.now() - oldest > this.overdueMs;
    return overdue && this.#state.refusal === undefined
      ? { ...this.#state, refusal: 'looks-overdue' }
      : this.#state;
  }

  databaseSaid(database: DatabaseView): void {
    this.#see('database', { ...this.#inputs, database });
  }

  /** A look at the witness is over; undefined: it was silent, and its last answer counts. */
  witnessAnswered(witness: string | undefined): void {
    this.#see('witness', { ...this.#inputs, witness: witness ?? this.#inputs.witness });
  }

  /** A look at the peer is over: `epoch` is that of a primary, 0 when the peer was none or out of reach. */
  peerLookedAt(epoch: number): void {
    this.#see('peer', { ...this.#inputs, peerEpoch: Math.max(epoch, this.#inputs.peerEpoch ?? 0) });
  }

  #see(observer: 'database' | 'witness' | 'peer', inputs: GateInputs): void {
    this.#lookedAtMs[observer] = performance.now();
    const before = this.#state;
    this.#inputs = inputs;
    this.#state = decide(inputs, this.regionName);
    const { role, refusal, epoch } = this.#state;
    if (role !== before.role || refusal !== before.refusal || epoch !== before.epoch) {
      this.changed(this.#state, inputs);
    }
  }
}
