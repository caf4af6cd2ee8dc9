import type { z } from 'zod';
import { leastWindowSeconds, promotionSeconds, verdictSeconds } from './autopilot';
import { valueAt } from './mistakes';
import type { AwsEnvironment, CommonFields, KubernetesEnvironment } from './schema';

/** A rule over several fields: `broken` says what the field at `path` would have to be, or false when all is well. */
interface Rule<E> {
  readonly path: string[];
  /** Every field that `broken` looks at: it is asked only when they all are right by themselves. */
  readonly reads: readonly string[];
  readonly broken: (environment: E) => string | false;
}

export const commonRules: readonly Rule<CommonFields>[] = [
  {
    path: ['regions', '1'],
    reads: ['regions'],
    broken: ({ regions }) => regions[0] === regions[1] && 'another region than the first',
  },
  {
    // The longest name in the zone is a region's own: <region>.<host>.<zone>.
    path: ['dns', 'host'],
    reads: ['dns.host', 'dns.zone', 'regions'],
    broken: ({ dns, regions }) => {
      const room = 253 - Math.max(...regions.map(({ length }) => length)) - dns.zone.length - 2;
      return (
        dns.host.length > room && `at most ${room} characters, so that <region>.<host>.<zone> fits in 253`
      );
    },
  },
  {
    path: ['objectives', 'rtoSeconds'],
    reads: [
      'objectives.rtoSeconds',
      'healthCheck.intervalSeconds',
      'healthCheck.failureThreshold',
      'dns.ttlSeconds',
    ],
    broken: ({ objectives, healthCheck: { intervalSeconds, failureThreshold }, dns: { ttlSeconds } }) => {
      const floor = intervalSeconds * failureThreshold + ttlSeconds;
      return (
        objectives.rtoSeconds <= floor &&
        `more than ${floor}: clients need intervalSeconds ${intervalSeconds} x failureThreshold ${failureThreshold} + ttlSeconds ${ttlSeconds} to be moved`
      );
    },
  },
];

/** What acts needs time for it. */
const autopilotRule: Rule<CommonFields & Pick<KubernetesEnvironment, 'autopilot'>> = {
  path: ['autopilot', 'mode'],
  reads: [
    'autopilot.mode',
    'objectives.rtoSeconds',
    'healthCheck.intervalSeconds',
    'healthCheck.failureThreshold',
    'dns.ttlSeconds',
  ],
  broken: ({ autopilot, objectives, ...timing }) => {
    const least = verdictSeconds(timing) + leastWindowSeconds + promotionSeconds;
    return (
      autopilot.mode === 'act' &&
      objectives.rtoSeconds < least &&
      `observe, or act with an RTO from ${least} s: the verdict takes ${verdictSeconds(timing)}, the decision ${leastWindowSeconds}, the promotion ${promotionSeconds}`
    );
  },
};

export const kubernetesRules: readonly Rule<KubernetesEnvironment>[] = [autopilotRule];

export const awsRules: readonly Rule<AwsEnvironment>[] = [
  {
    // The first name of a certificate: "RequestCertificate", AWS Certificate Manager API Reference.
    path: ['dns', 'host'],
    reads: ['dns.host', 'dns.zone'],
    broken: ({ dns }) => {
      const room = 64 - dns.zone.length - 1;
      return dns.host.length > room && `at most ${room} characters, so that ACM certifies <host>.<zone>`;
    },
  },
  autopilotRule,
  {
    path: ['cluster', 'minNodes'],
    reads: ['cluster.minNodes', 'cluster.maxNodes'],
    broken: ({ cluster }) => cluster.minNodes > cluster.maxNodes && `at most maxNodes, ${cluster.maxNodes}`,
  },
  {
    // "Prerequisites and limitations" (of global datastores), Amazon ElastiCache User Guide: automatic failover, which
    // Multi-AZ is made of, needs a primary and a replica.
    path: ['cache', 'nodesPerShard'],
    reads: ['postgres.multiAz', 'cache.nodesPerShard'],
    broken: ({ postgres, cache }) =>
      postgres.multiAz &&
      cache.nodesPerShard < 2 &&
      'at least 2 with postgres.multiAz, so that the cache outlives a zone as well',
  },
  {
    // "Quotas for ElastiCache", Amazon ElastiCache User Guide.
    path: ['cache', 'shards'],
    reads: ['cache.shards', 'cache.nodesPerShard'],
    broken: ({ cache }) =>
      cache.shards * cache.nodesPerShard > 500 &&
      `at most ${Math.floor(500 / cache.nodesPerShard)} with nodesPerShard ${cache.nodesPerShard}: a cluster has 500 nodes`,
  },
];

/**
 * Asks the rules that whatever parsed can answer: a mistake in one field hides no other. Meant for `superRefine`, which
 * has to be told to run in spite of mistakes: `{ when: () => true }`.
 */
export const obey =
  <E>(rules: readonly Rule<E>[]) =>
  (environment: E, context: z.core.$RefinementCtx<E>) => {
    const before = [...context.issues];
    for (const { path, reads, broken } of rules) {
      if (before.some((issue) => reads.some((field) => concerns(issue, field)))) continue;
      const message = broken(environment);
      if (message !== false)
        context.addIssue({ code: 'custom', path, message, input: valueAt(environment, path) });
    }
  };

/** Whether an issue is about the field, something in it, or a section around it. */
function concerns({ code, path = [] }: z.core.$ZodRawIssue, field: string): boolean {
  const keys = field.split('.');
  return code !== 'unrecognized_keys' && path.every((key, at) => at >= keys.length || key === keys[at]);
}
