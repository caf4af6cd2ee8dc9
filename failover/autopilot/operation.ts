import { Journal } from '../operations/journal';
import type { Round } from './round';

/**
 * Reads the region's own journal, look after look: an operation whose runner writes nothing for a lease is nobody's any more
 * (failover/operations/journal.ts). Whose lease it is, the journal does not say by anybody's clock, so that it takes two looks.
 */
export class JournalLook {
  #seen: { readonly beat: number; readonly atMs: number } | undefined;

  constructor(
    private readonly journal: Journal,
    /** The region that the autopilot would make active. */
    private readonly region: string,
  ) {}

  async look(): Promise<NonNullable<Round['operation']>> {
    const found = await this.journal.read();
    if (!found) return 'none';
    const { record, beat } = found;
    if (record.outcome === 'done' || record.outcome === 'undone') return 'none';
    const now = performance.now();
    if (this.#seen?.beat !== beat) this.#seen = { beat, atMs: now };
    const silent = now - this.#seen.atMs > Journal.leaseSeconds * 1000;
    if (record.outcome === 'running' && !silent) return 'under-way';
    return record.operation === 'failover' && record.to === this.region ? 'half-done' : 'abandoned';
  }
}
