import { z } from 'zod';
import { TandemError } from '../lib/errors';
import { Route } from './requests';
import type { Endpoint } from './target';

export interface Acknowledged {
  readonly id: string;
  readonly atMs: number;
  readonly region: string | undefined;
}

const page = z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().nullish() });

/** Every write that clients tried and every acknowledgement they saw: loss is found by comparing, not by estimating lag. */
export class Ledger {
  readonly #tried = new Set<string>();
  readonly #acknowledged: Acknowledged[] = [];
  readonly #lost = new Set<string>();

  tried(id: string): void {
    this.#tried.add(id);
  }

  acknowledged(id: string, atMs: number, region: string | undefined): void {
    this.#acknowledged.push({ id, atMs, region });
  }

  /** In the order of acknowledgement. */
  get writes(): readonly Acknowledged[] {
    return this.#acknowledged;
  }

  latest(): string | undefined {
    return this.#acknowledged.at(-1)?.id;
  }

  /**
   * Acknowledged writes that a region lacks, and tried but never acknowledged ones that it has. A write is lost once: what
   * an earlier comparison reported is not reported again.
   */
  async compare(readPresent: () => Promise<ReadonlySet<string>>): Promise<Comparison> {
    // Fixed before reading: what clients write meanwhile is not expected to be in what was read.
    const acknowledged = [...this.#acknowledged];
    const present = await readPresent();
    const lost = acknowledged.filter(({ id }) => !present.has(id) && !this.#lost.has(id));
    for (const { id } of lost) this.#lost.add(id);
    const answered = new Set(this.#acknowledged.map(({ id }) => id));
    const unacknowledgedPresent = [...this.#tried].filter(
      (id) => !answered.has(id) && present.has(id),
    ).length;
    return { acknowledged: acknowledged.length, lost, unacknowledgedPresent };
  }
}

export interface Comparison {
  readonly acknowledged: number;
  readonly lost: readonly Acknowledged[];
  readonly unacknowledgedPresent: number;
}

/**
 * Ids of all writes that a region holds, read through its own workload.
 * @throws TandemError LedgerUnreadable
 */
export async function readIds(endpoint: Endpoint, prefix: string): Promise<ReadonlySet<string>> {
  const route = new Route(endpoint);
  const ids = new Set<string>();
  for (let after: string | null | undefined = ''; after !== null && after !== undefined;) {
    const query = new URLSearchParams({ prefix, limit: '1000', ...(after && { after }) });
    const answer = await route.send('GET', `/data?${query.toString()}`);
    if (answer.status !== 200) {
      throw new TandemError('LedgerUnreadable', {
        found: `${endpoint.host} answered ${answer.status} when asked for the writes it holds`,
        expected: 'status 200 with a page of ids',
        next: 'read the evidence: the region has to be readable before losses can be listed',
      });
    }
    const { items, next } = page.parse(JSON.parse(answer.body));
    for (const { id } of items) ids.add(id);
    after = next;
  }
  return ids;
}
