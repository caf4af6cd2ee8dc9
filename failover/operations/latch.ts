import type { Aws, Call } from './calls';

/** Whose latch, and in which region its alarm lives: the peer. */
export interface LatchPlace {
  readonly environment: string;
  readonly region: string;
  readonly peer: string;
}

const metric = { namespace: 'Tandem', name: 'StoodDown', period: 60 };

const dimensions = ({ environment, region }: LatchPlace) => [
  { Name: 'Environment', Value: environment },
  { Name: 'Region', Value: region },
];

/** The call that moves a region's latch (modules/traffic/latch.ts): a 1 closes it, a 0 opens it. */
export const latchCall = (place: LatchPlace, latch: 'closed' | 'open'): Call<'cloudwatch:PutMetricData'> => ({
  action: 'cloudwatch:PutMetricData',
  region: place.peer,
  parameters: {
    Namespace: metric.namespace,
    MetricData: [
      { MetricName: metric.name, Dimensions: dimensions(place), Value: latch === 'closed' ? 1 : 0 },
    ],
  },
});

/** Asks what the latch's health check looks at: the maximum of each minute, newest first. */
export const latchReading = (place: LatchPlace, now = new Date()): Call<'cloudwatch:GetMetricData'> => ({
  action: 'cloudwatch:GetMetricData',
  region: place.peer,
  parameters: {
    MetricDataQueries: [
      {
        Id: 'latch',
        MetricStat: {
          Metric: {
            Namespace: metric.namespace,
            MetricName: metric.name,
            Dimensions: dimensions(place),
          },
          Period: metric.period,
          Stat: 'Maximum',
        },
      },
    ],
    StartTime: new Date(now.getTime() - 3 * 3600_000),
    EndTime: new Date(now.getTime() + metric.period * 1000),
    ScanBy: 'TimestampDescending',
  },
});

/** The last word on the latch of the last three hours; undefined when nobody moved it in that time. */
export async function latchOf(aws: Aws, place: LatchPlace): Promise<'closed' | 'open' | undefined> {
  const { MetricDataResults: [found] = [] } = await aws.send(latchReading(place));
  const [last] = found?.Values ?? [];
  return last === undefined ? undefined : last >= 1 ? 'closed' : 'open';
}
