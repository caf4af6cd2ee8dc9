import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { reasonOf, TandemError } from '../../lib/errors';
import type { Latch } from './latch';

const status = z.enum(['healthy', 'unhealthy']);

/** What the standing name server keeps on disk: how to ask it, and the latches, which outlive it. */
export const standingRecord = z.object({
  pid: z.int(),
  /** Together with the pid it names the process for good (twin/processes.ts). */
  startedAt: z.string(),
  /** Its control port, on 127.0.0.1. */
  port: z.int(),
  token: z.string(),
  latches: z.record(z.string(), z.enum(['closed', 'open'])),
});

export type StandingRecord = z.output<typeof standingRecord>;

/** A region as Route 53 would report it: the verdict on its failover record, and its latch. */
export const standingRegions = z.record(z.string(), z.object({ verdict: status, latch: status }));

export type StandingRegions = z.output<typeof standingRegions>;

/** What the file says of the last standing name server; undefined when there never was one. */
export function readStandingRecord(file: string): StandingRecord | undefined {
  try {
    return standingRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Asks and moves an environment's standing name server. @throws TandemError DnsNotServing */
export class StandingDns {
  constructor(
    private readonly environment: string,
    private readonly file: string,
  ) {}

  async regions(): Promise<StandingRegions> {
    return standingRegions.parse(await this.#ask('GET', '/regions'));
  }

  /** Done when it took effect, which for an open latch is when it is seen open. */
  async setLatch(region: string, latch: Latch): Promise<void> {
    await this.#ask('PUT', `/regions/${region}/latch`, { latch });
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const record = readStandingRecord(this.file);
    try {
      if (!record) throw new TypeError(`there is no ${this.file}`);
      const response = await fetch(`http://127.0.0.1:${record.port}${path}`, {
        method,
        headers: { authorization: `Bearer ${record.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(170_000),
      });
      if (response.ok) return await response.json();
      throw new TypeError(`it answered ${response.status}: ${await response.text()}`);
    } catch (cause) {
      throw new TandemError('DnsNotServing', {
        found: `the name server of ${this.environment} does not do what it is asked: ${reasonOf(cause)}`,
        expected: 'that it runs beside the clusters',
        next: `tandem dns ${this.environment}`,
        cause,
      });
    }
  }
}
