import type { Aws, Call } from './calls';

/** A sample of RDS's ReplicaLag. */
export interface LagSample {
  readonly atMs: number;
  /** Seconds since the last transaction that the replica replayed was committed. */
  readonly seconds: number;
}

/** How far a replica was behind when it last heard of its source. */
export interface Lag {
  readonly behindSeconds: number;
  /** When that was, in milliseconds since 1970. */
  readonly heardAtMs: number;
}

/** In seconds: how often RDS publishes. */
const period = 60;

/** The share of the time gone by that a lag has to grow by to count as a clock and no more. */
const asAClock = 0.9;

/**
 * What the samples say of the time before a loss. RDS reports the time since the last replayed commit, so a replica whose source
 * is dead (or idle) reports a number that grows by a second a second and means nothing: such samples at the end are left out.
 * Undefined without samples. Source: "Monitoring replication lag for cross-Region read replicas", Amazon RDS User Guide.
 */
export function lagBeforeSilence(samples: readonly LagSample[]): Lag | undefined {
  const known = samples.filter(({ seconds }) => seconds >= 0).toSorted((a, b) => a.atMs - b.atMs);
  let at = known.length - 1;
  for (; at > 0; at--) {
    const [before, after] = [known[at - 1], known[at]];
    if (!before || !after) break;
    const gone = (after.atMs - before.atMs) / 1000;
    if (after.seconds - before.seconds < gone * asAClock) break;
  }
  const last = known[at];
  return last && { behindSeconds: last.seconds, heardAtMs: last.atMs };
}

/**
 * Why the lag speaks against a promotion; empty when it does not. What the source committed and did not send after it was last
 * heard of is in no metric: silence longer than the RTO could hide a replication that broke long before the loss.
 */
export function tooFar(
  lag: Lag | undefined,
  { rpoSeconds, rtoSeconds }: { readonly rpoSeconds: number; readonly rtoSeconds: number },
  nowMs: number,
): readonly string[] {
  if (!lag) return ['nothing is known of its replication lag: RDS published none'];
  const silent = Math.round((nowMs - lag.heardAtMs) / 1000);
  return [
    ...(lag.behindSeconds > rpoSeconds
      ? [`it was ${lag.behindSeconds} s behind, and the RPO is ${rpoSeconds} s`]
      : []),
    ...(silent > rtoSeconds + period
      ? [
          `it heard of its source ${silent} s ago for the last time, longer than the RTO of ${rtoSeconds} s: replication may have broken before the region did`,
        ]
      : []),
  ];
}

export const lagCall = (
  region: string,
  instance: string,
  nowMs: number,
): Call<'cloudwatch:GetMetricData'> => ({
  action: 'cloudwatch:GetMetricData',
  region,
  parameters: {
    MetricDataQueries: [
      {
        Id: 'lag',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/RDS',
            MetricName: 'ReplicaLag',
            Dimensions: [{ Name: 'DBInstanceIdentifier', Value: instance }],
          },
          Period: period,
          Stat: 'Maximum',
        },
      },
    ],
    StartTime: new Date(nowMs - 3 * 3600_000),
    EndTime: new Date(nowMs),
    ScanBy: 'TimestampAscending',
  },
});

/** The replica's lag samples of the last three hours, oldest first. */
export async function lagSamples(aws: Aws, ...of: Parameters<typeof lagCall>): Promise<readonly LagSample[]> {
  const { MetricDataResults: [lag] = [] } = await aws.send(lagCall(...of));
  return (lag?.Timestamps ?? []).flatMap((time, at) => {
    const seconds = lag?.Values?.[at];
    return seconds === undefined ? [] : [{ atMs: time.getTime(), seconds }];
  });
}
