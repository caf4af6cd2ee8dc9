import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { reasonOf } from '../../lib/errors';
import { identityOf } from '../processes';
import { type Latch, moveLatch, shortAlarmPeriodSeconds } from './latch';
import { type RegionTraffic, regionTraffic } from './region-traffic';
import { type Route53, startRoute53 } from './route53';
import { readStandingRecord, type StandingRecord, type StandingRegions } from './standing-client';

export interface StandingOptions {
  /** The environment's traffic stack as synthesized: cdk.tf.json, parsed. */
  readonly synthesized: unknown;
  readonly publicName: string;
  /** Where each region's workload answers, by region: its nodes' addresses. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly workloadPort: number;
  readonly bind: { readonly address: string; readonly port: number };
  /** Where it keeps how to ask it, and the latches. */
  readonly file: string;
  /** Each region's latch where the file knows none. */
  readonly latches: Readonly<Record<string, Latch>>;
}

const latchMove = z.object({ latch: z.enum(['closed', 'open']) });

/**
 * Serves an environment's public name apart from both of its regions, between drills too: a workload takes writes only while
 * somebody answers that name. Takes commands over HTTP on 127.0.0.1 from whoever may read its file.
 * @returns a function that ends it
 * @throws TandemError SynthesisUnexpected, PortUnavailable
 */
export async function serveStanding(options: StandingOptions): Promise<() => Promise<void>> {
  const { synthesized, publicName, addresses, file } = options;
  const traffic = new Map<string, RegionTraffic>(
    Object.keys(addresses).map((region) => [region, regionTraffic(synthesized, publicName, region)]),
  );
  const route53 = await startRoute53({
    synthesized,
    loadBalancers: Object.fromEntries(
      [...traffic].map(([region, { loadBalancer }]) => [loadBalancer, addresses[region] ?? []]),
    ),
    endpointPort: options.workloadPort,
    bind: options.bind,
    alarmPeriodMs: shortAlarmPeriodSeconds * 1000,
  });
  const stopping = new AbortController();
  let latches: Readonly<Record<string, Latch>> = { ...options.latches, ...readStandingRecord(file)?.latches };
  // Nothing comes back by itself: what was closed before a restart is closed after it.
  for (const [region, one] of traffic) {
    if (latches[region] === 'closed') await moveLatch(route53, one, 'closed', stopping.signal);
  }

  const token = randomBytes(24).toString('hex');
  const control = createServer((asked, answer) => {
    void handle(asked).then(
      (body) => answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (thrown: unknown) => answer.writeHead(500).end(reasonOf(thrown)),
    );
  });

  async function handle(asked: IncomingMessage): Promise<unknown> {
    const given = Buffer.from(asked.headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${token}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new TypeError('not allowed');
    if (asked.method === 'GET' && asked.url === '/regions') return regionsOf(route53, traffic);
    const [, region = ''] = /^\/regions\/([\w-]+)\/latch$/.exec(asked.url ?? '') ?? [];
    const one = traffic.get(region);
    if (asked.method !== 'PUT' || !one)
      throw new TypeError(`${asked.method ?? ''} ${asked.url ?? ''}: unknown`);
    const { latch } = latchMove.parse(await json(asked));
    await moveLatch(route53, one, latch, stopping.signal);
    latches = { ...latches, [region]: latch };
    save();
    return { latch };
  }

  control.listen(0, '127.0.0.1');
  await once(control, 'listening');
  const bound = control.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;

  function save(): void {
    const record: StandingRecord = {
      pid: process.pid,
      startedAt: identityOf(process.pid)?.startedAt ?? '0',
      port,
      token,
      latches,
    };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  save();

  return async () => {
    stopping.abort();
    control.close();
    control.closeAllConnections();
    await route53.close();
  };
}

const regionsOf = (route53: Route53, traffic: ReadonlyMap<string, RegionTraffic>): StandingRegions =>
  Object.fromEntries(
    [...traffic].map(([region, { latch }]) => [
      region,
      { verdict: route53.healthOf(region), latch: route53.statusOf(latch.healthCheck) },
    ]),
  );
