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
  /** Where it takes commands, and what it wants to be shown with them. */
  control: z.url(),
  token: z.string(),
  latches: z.record(z.string(), z.enum(['closed', 'open'])),
});

export type StandingRecord = z.output<typeof standingRecord>;

/** A region as Route 53 would report it: the verdict on its failover record, and its latch. */
export const standingRegions = z.record(z.string(), z.object({ verdict: status, latch: status }));

export type StandingRegions = z.output<typeof standingRegions>;

/** Whether somebody is at work on the environment whom nobody else may disturb. */
export const standingOperation = z.object({ operation: z.enum(['none', 'under-way']) });

export type StandingOperation = z.output<typeof standingOperation>;

/** How a standing name server is asked. */
export type StandingControl = Pick<StandingRecord, 'control' | 'token'>;

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
    /** Asked each time: one that was started anew may be elsewhere. */
    private readonly where: () => StandingControl | undefined,
  ) {}

  async regions(signal?: AbortSignal): Promise<StandingRegions> {
    return standingRegions.parse(await this.#ask('GET', '/regions', { signal }));
  }

  async operation(signal?: AbortSignal): Promise<StandingOperation['operation']> {
    return standingOperation.parse(await this.#ask('GET', '/operation', { signal })).operation;
  }

  /** Done when it took effect, which for an open latch is when it is seen open. */
  async setLatch(region: string, latch: Latch): Promise<void> {
    await this.#ask('PUT', `/regions/${region}/latch`, { body: { latch } });
  }

  async #ask(
    method: string,
    path: string,
    { body, signal }: { readonly body?: unknown; readonly signal?: AbortSignal | undefined },
  ): Promise<unknown> {
    try {
      const found = this.where();
      if (!found) throw new TypeError('none was started here');
      const late = AbortSignal.timeout(170_000);
      const response = await fetch(`${found.control}${path}`, {
        method,
        headers: { authorization: `Bearer ${found.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: signal ? AbortSignal.any([signal, late]) : late,
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
