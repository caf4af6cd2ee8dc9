import type { Resolver } from 'node:dns/promises';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { LookupFunction } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { z } from 'zod';
import { type Gate, isKnown } from './gate';

/** Calls `look` at an even pace, never twice at once, until the signal. */
export async function watch(everyMs: number, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    const started = performance.now();
    await look();
    const restMs = Math.max(0, everyMs - (performance.now() - started));
    await sleep(restMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Waits until the looks have told what the region may do, or `mostMs` are over. */
export async function untilKnown(gate: Gate, mostMs: number): Promise<void> {
  const until = performance.now() + mostMs;
  while (!isKnown(gate.state) && performance.now() < until) await sleep(20);
}

// A standby's receiver is on a new timeline before its control file is; an unprivileged role sees the latter alone.
const roleQuery = `
  SELECT in_recovery, CASE WHEN in_recovery
    THEN greatest((SELECT timeline_id FROM pg_control_checkpoint()), (SELECT received_tli FROM pg_stat_wal_receiver))
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS epoch
  FROM (SELECT pg_is_in_recovery() AS in_recovery) AS role`;

/** Asks PostgreSQL whether it is a primary, and on which timeline. */
export async function lookAtDatabase(pool: Pool, gate: Gate): Promise<void> {
  try {
    const { rows } = await pool.query<{ in_recovery: boolean; epoch: number }>(roleQuery);
    for (const { in_recovery, epoch } of rows) {
      gate.databaseSaid({ state: in_recovery ? 'standby' : 'primary', epoch });
    }
  } catch (thrown) {
    gate.databaseSaid({ state: 'unreachable', error: String(thrown) });
  }
}

/** Asks where the public failover name points. No answer changes nothing: the last one counts. */
export async function lookAtWitness(resolver: Resolver, name: string, gate: Gate): Promise<void> {
  const [target] = await resolver.resolveCname(name).catch(() => []);
  gate.witnessAnswered(target);
}

const peerTimeoutMs = 1000;

const peerReady = z.object({ role: z.string(), epoch: z.int().nullable() });

/** Asks the peer for its epoch. Only a primary's counts: a standby is on our own timeline, or on an old one. */
export async function lookAtPeer(resolver: Resolver, url: string, gate: Gate): Promise<void> {
  try {
    const { role, epoch } = peerReady.parse(await getJson(new URL('/ready', url), resolver));
    gate.peerLookedAt(role === 'active' || role === 'fenced' ? (epoch ?? 0) : 0);
  } catch {
    gate.peerLookedAt(0);
  }
}

function getJson(url: URL, resolver: Resolver): Promise<unknown> {
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    // Its status says whether the peer takes traffic, which is not the question here.
    get(
      url,
      { lookup: lookupWith(resolver), signal: AbortSignal.timeout(peerTimeoutMs), agent: false },
      (response) => {
        json(response).then(resolve, reject);
      },
    ).on('error', reject);
  });
}

const lookupWith =
  (resolver: Resolver): LookupFunction =>
  (host, { all }, done) => {
    resolver.resolve4(host).then(
      (addresses) => {
        if (all)
          done(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          );
        else done(null, addresses[0] ?? '', 4);
      },
      (thrown: unknown) => done(thrown instanceof Error ? thrown : new TypeError(String(thrown)), ''),
    );
  };
