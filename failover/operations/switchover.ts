import { z } from 'zod';
import type { AwsEnvironment } from '../../environments';
import type { Roles } from '../../environments/roles';
import type { Aws } from './calls';
import { stepBudgets } from './budgets';
import { lagCall, type LagSample, lagSamples } from './lag';
import type { Operation, Step } from './operation';
import { againstCluster, againstPromotion, lagReport, refuse, survey } from './readiness';
import { closeLatch, openLatch, placeOf, promotion } from './steps';
import { databaseOf } from './stores';

export interface SwitchoverRequest {
  readonly environment: AwsEnvironment;
  readonly roles: Roles;
  /** The region that becomes active. */
  readonly to: string;
}

/**
 * A planned movement that loses nothing, as steps: the latches move the public name, by which the old region stops taking writes; when
 * the replica has replayed something later than that, it is promoted. What fails before is taken back.
 */
export async function switchover(
  aws: Aws,
  { environment, roles, to }: SwitchoverRequest,
): Promise<Operation> {
  const { name, regions } = environment;
  const from = placeOf(environment, to).peer;
  const [active, standby] = await Promise.all([
    survey(aws, environment, roles, from),
    survey(aws, environment, roles, to),
  ]);
  const opened = openLatch(environment, to, { after: `${from} is active as before` });
  const unreached = `${from} is kept out of DNS and ${to} is not promoted: no region takes writes`;
  return {
    name: 'switchover',
    environment: name,
    from,
    to,
    needsBoth: true,
    supersedes: [],
    command: `tandem switchover ${name} --to ${to}`,
    preflight: async () => {
      const [lag, cluster] = await Promise.all([
        lagReport(aws, environment, standby),
        againstCluster(aws, environment, to),
      ]);
      const next = `see why with tandem status ${name}; a switchover takes no loss`;
      refuse(
        [
          ...(active.database?.source === undefined && active.database?.status === 'available'
            ? []
            : [{ found: `${active.instance} in ${from} is no available primary`, next }]),
          ...againstPromotion(standby),
          ...lag.reasons.map((reason) => ({ found: `${standby.instance}: ${reason}`, next })),
          ...cluster,
        ],
        'an available primary, and an available replica that follows it',
      );
      return [lag.found];
    },
    holds: async () => (await databaseOf(aws, to, standby.instance))?.source === undefined,
    steps: [
      {
        ...opened,
        // The first region's latch is closed while it is a standby.
        ...(to === regions[0] && { undo: closeLatch(environment, to, { after: opened.after }) }),
      },
      closeLatch(environment, from, {
        after: unreached,
        undo: openLatch(environment, from, { after: opened.after }),
      }),
      stopped(environment, from, unreached),
      drained(environment, to, standby.instance, unreached),
      ...promotion(environment, standby, from),
    ],
  };
}

/** CloudWatch's period, Route 53's copy of it, and a workload's look at the name, in seconds. */
const latchSeconds = 60 + 60 + 5;

const readiness = z.object({ writable: z.boolean() });

/**
 * Waits until the region's workload says that it takes no writes. Where none answers, there is none to ask: then it waits for as long as
 * any workload may take to notice that the public name has moved.
 */
function stopped(environment: AwsEnvironment, region: string, after: string): Step {
  const { dns, healthCheck } = environment;
  const url = `https://${region}.${dns.host}.${dns.zone}${healthCheck.path}`;
  const silentSeconds = latchSeconds + dns.ttlSeconds;
  let askedAt: number | undefined;
  return {
    name: 'stop-writes',
    title: `see at ${url} that ${region} takes no writes, or wait ${silentSeconds} s when nobody answers`,
    region,
    budget: { name: 'stop-writes', seconds: 2 * silentSeconds },
    calls: [],
    asks: [],
    done: async () => {
      askedAt ??= performance.now();
      const answer = await fetch(url, { signal: AbortSignal.timeout(3000) }).then(
        async (response) => readiness.safeParse(await response.json()).data,
        () => undefined,
      );
      if (answer) return !answer.writable && `${region} says that it takes no writes`;
      return performance.now() - askedAt >= silentSeconds * 1000 && `nobody answered for ${silentSeconds} s`;
    },
    after,
  };
}

/** How far two clocks may be apart, in milliseconds. */
const skewMs = 5_000;

/**
 * Waits until the replica has replayed a transaction that is later than the last write: then it has all before. An idle source commits
 * something every five minutes ("Monitoring replication lag for cross-Region read replicas", Amazon RDS User Guide).
 */
function drained(environment: AwsEnvironment, region: string, instance: string, after: string): Step {
  let stoppedAt: number | undefined;
  return {
    name: 'drain',
    title: `see that ${instance} has replayed everything`,
    region,
    budget: stepBudgets(environment).drain,
    calls: [],
    asks: [lagCall(region, instance, Date.now())],
    done: async (aws) => {
      stoppedAt ??= Date.now() + skewMs;
      const since = stoppedAt;
      const samples = await lagSamples(aws, region, instance, Date.now());
      // A sample is the worst of its minute, which begins at its time.
      const later = samples.find(({ atMs, seconds }) => seconds >= 0 && atMs - seconds * 1000 >= since);
      return later !== undefined && replayed(instance, later, since);
    },
    after,
  };
}

const replayed = (instance: string, { atMs, seconds }: LagSample, since: number): string =>
  `${instance} was at most ${seconds} s behind in the minute from ${iso(atMs)}: it has all from before ${iso(since)}, when writes had stopped`;

const iso = (ms: number): string => new Date(ms).toISOString();
