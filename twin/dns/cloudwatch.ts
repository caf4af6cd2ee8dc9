import { TandemError } from '../../lib/errors';
import { type Status, statusWhen } from './status';
import type { Alarm } from './synthesized';
import type { AlarmCheck } from './zone';

/** One data point of a custom metric, as PutMetricData takes it. */
export interface MetricDatum {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

type KnownState = 'OK' | 'ALARM';
type AlarmState = KnownState | 'INSUFFICIENT_DATA';

const breaching: Record<Alarm['comparison_operator'], (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const aggregate: Record<Alarm['statistic'], (values: readonly number[]) => number> = {
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
};

/**
 * What an alarm's data stream says: `values` are the current period's data points, `last` is the state before.
 * Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data".
 */
export function alarmState(
  alarm: Alarm,
  values: readonly number[],
  last: KnownState | undefined,
): AlarmState {
  if (values.length > 0) {
    const value = aggregate[alarm.statistic](values);
    return breaching[alarm.comparison_operator](value, alarm.threshold) ? 'ALARM' : 'OK';
  }
  switch (alarm.treat_missing_data) {
    case 'missing':
      return 'INSUFFICIENT_DATA';
    case 'ignore':
      return last ?? 'INSUFFICIENT_DATA';
    case 'breaching':
      return 'ALARM';
    case 'notBreaching':
      return 'OK';
  }
}

/**
 * The status that an alarm's state gives its health check. Without a last known one, LastKnownStatus is healthy.
 * Source: Route 53 API Reference, "HealthCheckConfig" (InsufficientDataHealthStatus).
 */
export function metricStatus(
  state: AlarmState,
  insufficientData: AlarmCheck['insufficient_data_health_status'],
  last: KnownState | undefined,
): Status {
  if (state !== 'INSUFFICIENT_DATA') return statusWhen(state === 'OK');
  if (insufficientData === 'LastKnownStatus') return statusWhen(last !== 'ALARM');
  return statusWhen(insufficientData === 'Healthy');
}

interface Stream {
  readonly check: AlarmCheck;
  /** The current period's data points. */
  values: readonly number[];
  last?: KnownState;
  periodEnd?: NodeJS.Timeout;
}

/** Stands in for CloudWatch of every region: keeps the metrics that alarms behind health checks watch. */
export class CloudWatch {
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #down = new Set<string>();

  /** `checks` by logical id; `changed` is called whenever the status of one may have changed. */
  constructor(
    checks: ReadonlyMap<string, AlarmCheck>,
    private readonly changed: () => void,
    /** Stands in for every alarm's period when set. */
    private readonly periodMs?: number,
  ) {
    this.#streams = new Map([...checks].map(([id, check]) => [id, { check, values: [] }]));
  }

  /**
   * Puts a data point, which counts until the alarm's period ends: periods begin at multiples of it, as
   * CloudWatch's do.
   * @throws TandemError RegionUnreachable while the region is down
   */
  putMetricData(region: string, datum: MetricDatum): void {
    if (this.#down.has(region)) {
      throw new TandemError('RegionUnreachable', {
        found: `CloudWatch in ${region} does not answer`,
        expected: 'a region that is up',
        next: 'put the metric again once the region is back',
      });
    }
    for (const stream of this.#streams.values()) {
      const { alarm, cloudwatch_alarm_region } = stream.check;
      if (cloudwatch_alarm_region !== region || !watches(alarm, datum)) continue;
      stream.values = [...stream.values, datum.value];
      if (stream.values.length > 1) continue;
      const periodMs = this.periodMs ?? alarm.period * 1000;
      stream.periodEnd = setTimeout(
        () => {
          stream.values = [];
          this.changed();
        },
        periodMs - (Date.now() % periodMs),
      );
    }
    this.changed();
  }

  setRegionDown(region: string, down: boolean): void {
    if (down) this.#down.add(region);
    else this.#down.delete(region);
    this.changed();
  }

  /** Reads a check's data stream, and remembers what it said; a region that is down says nothing at all. */
  statusOf(healthCheck: string): Status | undefined {
    const stream = this.#streams.get(healthCheck);
    if (!stream) return undefined;
    const { check, values, last } = stream;
    const down = this.#down.has(check.cloudwatch_alarm_region);
    const state = down ? 'INSUFFICIENT_DATA' : alarmState(check.alarm, values, last);
    if (state !== 'INSUFFICIENT_DATA') stream.last = state;
    return metricStatus(state, check.insufficient_data_health_status, last);
  }

  close(): void {
    for (const { periodEnd } of this.#streams.values()) clearTimeout(periodEnd);
  }
}

/** A metric is its namespace, its name and all of its dimensions. */
function watches(alarm: Alarm, datum: MetricDatum): boolean {
  const [wanted, given] = [alarm.dimensions, datum.dimensions];
  return (
    alarm.namespace === datum.namespace &&
    alarm.metric_name === datum.metricName &&
    Object.keys(wanted).length === Object.keys(given).length &&
    Object.entries(wanted).every(([name, value]) => given[name] === value)
  );
}
