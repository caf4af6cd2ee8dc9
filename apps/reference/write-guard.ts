import type { Gate, RefusalReason } from './gate';
import type { Metrics } from './metrics';
import { Problem } from './problem';

/** Turns a closed gate into the answer that a client gets. */
export class WriteGuard {
  constructor(
    private readonly gate: Gate,
    private readonly region: string,
    private readonly metrics: Metrics,
  ) {}

  /** Asks memory alone. @throws Problem WritesRefused */
  assertWritable(): void {
    const { refusal } = this.gate.state;
    if (refusal !== undefined) throw this.refused(refusal);
  }

  /** `database-read-only`: PostgreSQL refused before the gate had noticed. */
  refused(reason: RefusalReason | 'database-read-only', cause?: unknown): Problem {
    this.metrics.writesRefused.inc({ reason });
    return new Problem(
      503,
      'WritesRefused',
      { reason, role: this.gate.state.role, region: this.region },
      cause,
    );
  }
}
