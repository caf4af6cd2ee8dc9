import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { Problem } from './problem';
import type { WriteGuard } from './write-guard';

export interface Item {
  readonly id: string;
  readonly value: unknown;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

interface Row {
  readonly id: string;
  readonly value: unknown;
  readonly created_at: Date;
}

const itemOf = ({ id, value, created_at }: Row): Item => ({ id, value, createdAt: created_at.toISOString() });

// Greater than every character that an id may hold, so a prefix is a range of the primary key.
const afterEveryId = '~';

/** Recursive, unlike the parser of the request: what nests too deep for it ends here. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new Problem(400, 'ValueUnstorable', {}, cause);
  }
}

/** The table `data`. Every method throws Problem DatabaseUnreachable; writing ones WritesRefused too. */
export class Store {
  constructor(
    private readonly pool: Pool,
    private readonly guard: WriteGuard,
  ) {}

  /**
   * Stores a value once: a retry with the same value finds `created` false.
   * @throws Problem ValueConflict when the id holds another value, ValueUnstorable
   */
  async insert(id: string, value: unknown): Promise<{ readonly item: Item; readonly created: boolean }> {
    // A retry updates the row to itself: only a commit that wrote WAL waits for a synchronous standby, so a first try
    // that was never acknowledged can't be acknowledged now without being replicated. xmax is 0 on a new row alone.
    const rows = await this.#write<Row & { readonly created: boolean }>(
      `INSERT INTO data AS stored (id, value) VALUES ($1, $2)
       ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value WHERE stored.value = EXCLUDED.value
       RETURNING id, value, created_at, xmax = 0 AS created`,
      [id, jsonOf(value)],
    );
    const [row] = rows;
    if (!row) throw new Problem(409, 'ValueConflict', { id });
    return { item: itemOf(row), created: row.created };
  }

  async find(id: string): Promise<Item | undefined> {
    const [row] = await this.#run<Row>(`SELECT id, value, created_at FROM data WHERE id = $1`, [id]);
    return row && itemOf(row);
  }

  /** A page in the order of ids (bytes); `next` is the `after` of the next page, null on the last. */
  async list(page: {
    prefix: string;
    after: string;
    limit: number;
  }): Promise<{ items: Item[]; next: string | null }> {
    const rows = await this.#run<Row>(
      `SELECT id, value, created_at FROM data WHERE id >= $1 AND id < $2 AND id > $3 ORDER BY id LIMIT $4`,
      [page.prefix, page.prefix + afterEveryId, page.after, page.limit + 1],
    );
    const items = rows.slice(0, page.limit).map(itemOf);
    return { items, next: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
  }

  async remove(id: string): Promise<void> {
    await this.#write(`DELETE FROM data WHERE id = $1`, [id]);
  }

  async #write<R extends object>(sql: string, values: readonly unknown[]): Promise<readonly R[]> {
    // Asked twice: a refused write takes no connection, and waiting for one may outlast the permission.
    this.guard.assertWritable();
    return this.#run<R>(sql, values, () => this.guard.assertWritable());
  }

  async #run<R extends object>(
    sql: string,
    values: readonly unknown[],
    justBefore?: () => void,
  ): Promise<readonly R[]> {
    let client: PoolClient | undefined;
    try {
      client = await this.pool.connect();
      justBefore?.();
      const { rows } = await client.query<R>(sql, [...values]);
      client.release();
      return rows;
    } catch (thrown) {
      client?.release(true);
      throw this.#problemOf(thrown);
    }
  }

  /** PostgreSQL's manual, "Appendix A. PostgreSQL Error Codes". What is no answer of PostgreSQL is a lost connection. */
  #problemOf(thrown: unknown): unknown {
    if (thrown instanceof Problem) return thrown;
    const code = thrown instanceof DatabaseError ? (thrown.code ?? '') : undefined;
    if (code === '25006') return this.guard.refused('database-read-only', thrown);
    if (code === '54001' || code?.startsWith('22')) return new Problem(400, 'ValueUnstorable', {}, thrown);
    // Connection exceptions, a standby's recovery conflict, out of connections, shutdown, statement timeout.
    if (code === undefined || /^(08|40001|53300|57)/.test(code))
      return new Problem(503, 'DatabaseUnreachable', {}, thrown);
    return thrown;
  }
}
