import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
} from '@aws-sdk/client-cloudwatch';
import type { AwsEnvironment } from '../../environments';
import type { Roles } from '../../environments/roles';
import { physicalName } from '../../lib/names';
import { type Asked, ask } from './aws-ask';
import { actualRoles, disagreements, type StandingInstance } from './aws-roles';

/** A region as AWS describes it now; what can not be asked says why. */
export interface RegionOnAws {
  readonly region: string;
  /** The newest generation first. */
  readonly databases: Asked<readonly DatabaseOnAws[]>;
  /** Whether it is kept out of DNS, which the peer region knows; `absent` before the traffic layer. */
  readonly latch: Asked<'open' | 'closed' | 'absent'>;
  /** What Route 53 finds at its endpoint, which us-east-1 knows; `absent` before the traffic layer. */
  readonly endpoint: Asked<'healthy' | 'unhealthy' | 'absent'>;
}

export interface DatabaseOnAws extends StandingInstance {
  /** How far a copy is behind, in seconds, by its last report of ten minutes; left out when there was none. */
  readonly lagSeconds?: number;
}

/** Route 53's metrics are there alone ("Monitoring health checks using CloudWatch", Amazon Route 53 Developer Guide). */
const route53Metrics = 'us-east-1';

/** In seconds. */
const lagPeriod = 60;
const lagWindow = 600;

/**
 * Asks each region's RDS and CloudWatch, all at once.
 * @throws TandemError AwsRefused; the signal's reason when aborted
 */
export async function statusOnAws(
  environment: AwsEnvironment,
  roles: Roles,
  signal: AbortSignal,
): Promise<{ readonly regions: readonly RegionOnAws[]; readonly disagreements: readonly string[] }> {
  const [first, second] = environment.regions;
  const of = (region: string, component: string) =>
    physicalName('alarm', { environment: environment.name, region, component });
  const actual = actualRoles(environment, roles, signal);
  const regions = [
    [first, second],
    [second, first],
  ].map(async ([region = '', peer = '']): Promise<RegionOnAws> => {
    const [latch, endpoint, databases] = await Promise.all([
      alarmState(peer, of(region, 'latch'), signal),
      alarmState(route53Metrics, of(region, 'endpoint'), signal),
      actual.then((all) => withLag(region, all[region], signal)),
    ]);
    return {
      region,
      databases,
      // It alarms while it is closed, and keeps its state without data (modules/traffic/latch.ts).
      latch: mapped(latch, (state) => (state === 'ALARM' ? 'closed' : 'open')),
      endpoint: mapped(endpoint, (state) => (state === 'OK' ? 'healthy' : 'unhealthy')),
    };
  });
  return { regions: await Promise.all(regions), disagreements: disagreements(roles, await actual) };
}

const mapped = <T>(asked: Asked<string | undefined>, meaning: (state: string) => T): Asked<T | 'absent'> =>
  asked.reached
    ? { reached: true, answer: asked.answer === undefined ? 'absent' : meaning(asked.answer) }
    : asked;

async function withClient<T>(region: string, work: (client: CloudWatchClient) => Promise<T>): Promise<T> {
  const client = new CloudWatchClient({ region });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

async function alarmState(
  region: string,
  name: string,
  signal: AbortSignal,
): Promise<Asked<string | undefined>> {
  const asked = await withClient(region, (client) =>
    ask(`cloudwatch:DescribeAlarms in ${region}`, signal, (abortSignal) =>
      client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }), { abortSignal }),
    ),
  );
  return asked.reached ? { reached: true, answer: asked.answer.MetricAlarms?.[0]?.StateValue } : asked;
}

async function withLag(
  region: string,
  databases: Asked<readonly StandingInstance[]> | undefined,
  signal: AbortSignal,
): Promise<Asked<readonly DatabaseOnAws[]>> {
  if (!databases?.reached) return databases ?? { reached: true, answer: [] };
  const answer = databases.answer.map(async (database) => {
    const lagSeconds = database.copyOf && (await lagOf(region, database.identifier, signal));
    return { ...database, ...(typeof lagSeconds === 'number' && { lagSeconds }) };
  });
  return { reached: true, answer: await Promise.all(answer) };
}

/** `ReplicaLag`: "Amazon CloudWatch instance-level metrics for Amazon RDS", Amazon RDS User Guide. */
async function lagOf(region: string, identifier: string, signal: AbortSignal): Promise<number | undefined> {
  const now = Date.now();
  const command = new GetMetricStatisticsCommand({
    Namespace: 'AWS/RDS',
    MetricName: 'ReplicaLag',
    Dimensions: [{ Name: 'DBInstanceIdentifier', Value: identifier }],
    StartTime: new Date(now - lagWindow * 1000),
    EndTime: new Date(now),
    Period: lagPeriod,
    Statistics: ['Maximum'],
  });
  const asked = await withClient(region, (client) =>
    ask(`cloudwatch:GetMetricStatistics in ${region}`, signal, (abortSignal) =>
      client.send(command, { abortSignal }),
    ),
  );
  const points = asked.reached ? (asked.answer.Datapoints ?? []) : [];
  const [latest] = points.toSorted((one, other) => Number(other.Timestamp) - Number(one.Timestamp));
  return latest?.Maximum;
}
