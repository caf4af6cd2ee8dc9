import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { reasonOf, TandemError } from '../../lib/errors';
import { identityOf } from '../processes';
import { type Latch, moveLatch, shortAlarmPeriodSeconds } from './latch';
import { type RegionTraffic, regionTraffic } from './region-traffic';
import { type Route53, startRoute53 } from './route53';
import {
  readStandingRecord,
  type StandingOperation,
  type StandingRecord,
  type StandingRegions,
} from './standing-client';

export interface StandingOptions {
  /** The environment's traffic stack as synthesized: cdk.tf.json, parsed. */
  readonly synthesized: unknown;
  readonly publicName: string;
  /** Where each region's workload answers, by region: its nodes' addresses. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly workloadPort: number;
  /** Where it answers names, and takes commands: pods of both regions reach it, as people's commands do. */
  readonly bind: { readonly address: string; readonly port: number; readonly controlPort: number };
  /** What whoever commands it shows. */
  readonly token: string;
  /** Whether somebody is at work on the environment: the autopilots ask before they act. */
  readonly operation: () => StandingOperation['operation'];
  /** Where it keeps how to ask it, and the latches. */
  readonly file: string;
  /** Each region's latch where the file knows none. */
  readonly latches: Readonly<Record<string, Latch>>;
}

const latchMove = z.object({ latch: z.enum(['closed', 'open']) });

/**
 * Serves an environment's public name apart from both of its regions, between drills too: a workload takes writes only while
 * somebody answers that name. Takes commands over HTTP from whoever shows its token: who may read its file, and the autopilots.
 * @returns a function that ends it
 * @throws TandemError SynthesisUnexpected, PortUnavailable
 */
export async function serveStanding(options: StandingOptions): Promise<() => Promise<void>> {
  const { synthesized, publicName, addresses, file, bind, token } = options;
  const traffic = new Map<string, RegionTraffic>(
    Object.keys(addresses).map((region) => [region, regionTraffic(synthesized, publicName, region)]),
  );
  const route53 = await startRoute53({
    synthesized,
    loadBalancers: Object.fromEntries(
      [...traffic].map(([region, { loadBalancer }]) => [loadBalancer, addresses[region] ?? []]),
    ),
    endpointPort: options.workloadPort,
    bind,
    alarmPeriodMs: shortAlarmPeriodSeconds * 1000,
  });
  const stopping = new AbortController();
  let latches: Readonly<Record<string, Latch>> = { ...options.latches, ...readStandingRecord(file)?.latches };
  // Nothing comes back by itself: what was closed before a restart is closed after it.
  for (const [region, one] of traffic) {
    if (latches[region] === 'closed') await moveLatch(route53, one, 'closed', stopping.signal);
  }

  const control = createServer((asked, answer) => {
    // Nobody's next question goes to a server that was started anew since.
    answer.setHeader('connection', 'close');
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
    if (asked.method === 'GET' && asked.url === '/operation') return { operation: options.operation() };
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

  control.listen(bind.controlPort, bind.address);
  try {
    await once(control, 'listening');
  } catch (cause) {
    await route53.close();
    throw new TandemError('PortUnavailable', {
      found: `port ${bind.controlPort} of ${bind.address} could not be bound: ${reasonOf(cause)}`,
      expected: 'that it is free, for commands',
      next: 'end what listens there (ss -lntp)',
      cause,
    });
  }

  function save(): void {
    const record: StandingRecord = {
      pid: process.pid,
      startedAt: identityOf(process.pid)?.startedAt ?? '0',
      control: `http://${bind.address}:${bind.controlPort}`,
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
