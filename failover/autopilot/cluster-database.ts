import { Client } from 'pg';
import { z } from 'zod';
import { TandemError } from '../../lib/errors';

/** What the region's own PostgreSQL says of itself. */
export interface ClusterDatabase {
  readonly replica: boolean;
  /**
   * Of a replica: 0 when it replayed all that its primary last said; else seconds since the last commit that it replayed, which
   * after an idle hour is an hour; -1 while it is not told anything.
   */
  readonly behindSeconds: number;
}

const row = z.tuple([z.object({ replica: z.boolean(), behind: z.number() })]);

/**
 * "pg_stat_wal_receiver", PostgreSQL documentation. A link that is cut counts as no lag until the receiver gives it up, which
 * its timeout says (modules/postgres/settings.ts). A primary that has written nothing since has not said where it ends.
 */
const question = `
  select pg_is_in_recovery() as replica, coalesce((
    select case when status <> 'streaming' then -1
      when pg_last_wal_replay_lsn() >= coalesce(latest_end_lsn, receive_start_lsn) then 0
      else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end
    from pg_stat_wal_receiver), -1)::float8 as behind`;

/** Milliseconds: both answer well within a round. */
const [connectMs, answerMs] = [1000, 1500];
const promoteSeconds = 30;

/** Asks and promotes the region's own PostgreSQL, as a role that may do no more than that; a connection for each question. */
export class OwnPostgres {
  constructor(private readonly url: string) {}

  async look(): Promise<ClusterDatabase> {
    const [{ replica, behind }] = row.parse(await this.#ask(question, answerMs));
    return { replica, behindSeconds: behind };
  }

  /** @throws TandemError BudgetExceeded when it is still a replica after all; pg's error when it is none */
  async promote(): Promise<void> {
    const rows = await this.#ask(
      `select pg_promote(true, ${promoteSeconds}) as promoted`,
      promoteSeconds * 1000 + answerMs,
    );
    if (z.tuple([z.object({ promoted: z.literal(true) })]).safeParse(rows).success) return;
    throw new TandemError('BudgetExceeded', {
      found: `PostgreSQL was not promoted after ${promoteSeconds} s`,
      expected: `at most ${promoteSeconds} s`,
      next: 'read its log; the autopilot tries again after another window',
    });
  }

  async #ask(text: string, withinMs: number): Promise<readonly unknown[]> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'tandem-autopilot',
      connectionTimeoutMillis: connectMs,
      query_timeout: withinMs,
    });
    // Its own errors come by the query; this is a connection that dies beside it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      // A frozen server never says goodbye.
      void client.end().catch(() => undefined);
    }
  }
}
