import { alarmState, CloudWatch, metricStatus } from '../../twin/dns/cloudwatch';
import type { Alarm } from '../../twin/dns/synthesized';
import { readZone } from '../../twin/dns/zone';
import { loadBalancers, trafficStack } from '../support/traffic-stack';

const checks = (change: (stack: ReturnType<typeof trafficStack>) => void = () => undefined) => {
  const stack = trafficStack();
  change(stack);
  return readZone({ synthesized: stack, loadBalancers }).healthChecks.alarms;
};
const alarm: Alarm = {
  alarm_name: 'latch',
  namespace: 'Tandem',
  metric_name: 'StoodDown',
  dimensions: {},
  statistic: 'Maximum',
  comparison_operator: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  period: 60,
  evaluation_periods: 1,
  treat_missing_data: 'missing',
};
const stoodDown = (value: number) => ({
  namespace: 'Tandem',
  metricName: 'StoodDown',
  dimensions: { Region: 'us-east-1' },
  value,
});

describe("an alarm's data stream", () => {
  it.each([
    ['GreaterThanOrEqualToThreshold', ['OK', 'ALARM', 'ALARM']],
    ['GreaterThanThreshold', ['OK', 'OK', 'ALARM']],
    ['LessThanThreshold', ['ALARM', 'OK', 'OK']],
    ['LessThanOrEqualToThreshold', ['ALARM', 'ALARM', 'OK']],
  ] as const)('%s compares below, at and above the threshold', (comparison_operator, states) => {
    expect(
      [0, 1, 2].map((value) => alarmState({ ...alarm, comparison_operator }, [value], undefined)),
    ).toEqual(states);
  });

  it.each([
    ['Maximum', 'ALARM'],
    ['Minimum', 'OK'],
    ['Average', 'OK'],
    ['Sum', 'ALARM'],
  ] as const)('%s of 0, 1 and 0 in one period', (statistic, state) => {
    expect(alarmState({ ...alarm, statistic }, [0, 1, 0], undefined)).toBe(state);
  });

  it.each([
    ['missing', 'INSUFFICIENT_DATA', 'INSUFFICIENT_DATA'],
    ['ignore', 'INSUFFICIENT_DATA', 'ALARM'],
    ['breaching', 'ALARM', 'ALARM'],
    ['notBreaching', 'OK', 'OK'],
  ] as const)('%s data is %s at first and %s after an alarm', (treat_missing_data, first, later) => {
    expect(alarmState({ ...alarm, treat_missing_data }, [], undefined)).toBe(first);
    expect(alarmState({ ...alarm, treat_missing_data }, [], 'ALARM')).toBe(later);
  });
});

describe('a CLOUDWATCH_METRIC check', () => {
  it('follows what the data stream knows, whatever insufficient data would mean', () => {
    for (const setting of ['Healthy', 'Unhealthy', 'LastKnownStatus'] as const) {
      expect(metricStatus('OK', setting, 'ALARM')).toBe('healthy');
      expect(metricStatus('ALARM', setting, 'OK')).toBe('unhealthy');
    }
  });

  it.each([
    ['Healthy', 'ALARM', 'healthy'],
    ['Unhealthy', 'OK', 'unhealthy'],
    ['LastKnownStatus', 'ALARM', 'unhealthy'],
    ['LastKnownStatus', 'OK', 'healthy'],
    ['LastKnownStatus', undefined, 'healthy'],
  ] as const)('with insufficient data: %s after %s is %s', (setting, last, status) => {
    expect(metricStatus('INSUFFICIENT_DATA', setting, last)).toBe(status);
  });
});

describe('CloudWatch', () => {
  beforeEach(() => jest.useFakeTimers({ now: 0 }));
  afterEach(() => jest.useRealTimers());

  it('keeps a latch closed past its period, and opens it on a 0 of a later one', () => {
    const cloudWatch = new CloudWatch(checks(), () => undefined);
    cloudWatch.putMetricData('us-west-2', stoodDown(1));
    expect(cloudWatch.statusOf('latch_east')).toBe('unhealthy');
    expect(cloudWatch.statusOf('latch_west')).toBe('healthy');
    cloudWatch.putMetricData('us-west-2', stoodDown(0));
    expect(cloudWatch.statusOf('latch_east')).toBe('unhealthy');
    jest.advanceTimersByTime(60_000);
    expect(cloudWatch.statusOf('latch_east')).toBe('unhealthy');
    cloudWatch.putMetricData('us-west-2', stoodDown(0));
    expect(cloudWatch.statusOf('latch_east')).toBe('healthy');
    cloudWatch.putMetricData('us-west-2', stoodDown(0));
    expect(jest.getTimerCount()).toBe(1);
    cloudWatch.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('lets a latch open by itself if insufficient data counts as healthy, when its period ends', () => {
    const open = checks(({ resource }) => {
      resource.aws_route53_health_check.latch_east.insufficient_data_health_status = 'Healthy';
    });
    let changes = 0;
    const cloudWatch = new CloudWatch(open, () => changes++);
    jest.advanceTimersByTime(45_000);
    cloudWatch.putMetricData('us-west-2', stoodDown(1));
    jest.advanceTimersByTime(14_999);
    expect([cloudWatch.statusOf('latch_east'), changes]).toEqual(['unhealthy', 1]);
    jest.advanceTimersByTime(1);
    expect([cloudWatch.statusOf('latch_east'), changes]).toEqual(['healthy', 2]);
  });

  it.each([
    ['another region', 'us-east-1', stoodDown(1)],
    ['another namespace', 'us-west-2', { ...stoodDown(1), namespace: 'Other' }],
    ['another name', 'us-west-2', { ...stoodDown(1), metricName: 'Other' }],
    ['another dimension', 'us-west-2', { ...stoodDown(1), dimensions: { Region: 'us-west-2' } }],
    ['one dimension more', 'us-west-2', { ...stoodDown(1), dimensions: { Region: 'us-east-1', Zone: 'a' } }],
  ])('takes a metric of %s for another metric', (_, region, datum) => {
    const cloudWatch = new CloudWatch(checks(), () => undefined);
    cloudWatch.putMetricData(region, datum);
    expect(cloudWatch.statusOf('latch_east')).toBe('healthy');
    cloudWatch.close();
  });

  it('is insufficient data while its region is down, where it takes no data point', () => {
    const unhealthy = checks(({ resource }) => {
      resource.aws_route53_health_check.latch_east.insufficient_data_health_status = 'Unhealthy';
    });
    const cloudWatch = new CloudWatch(unhealthy, () => undefined);
    cloudWatch.putMetricData('us-west-2', stoodDown(0));
    expect(cloudWatch.statusOf('latch_east')).toBe('healthy');
    cloudWatch.setRegionDown('us-west-2', true);
    expect(cloudWatch.statusOf('latch_east')).toBe('unhealthy');
    expect(() => cloudWatch.putMetricData('us-west-2', stoodDown(0))).toThrow('RegionUnreachable');
    cloudWatch.setRegionDown('us-west-2', false);
    expect(cloudWatch.statusOf('latch_east')).toBe('healthy');
    cloudWatch.close();
  });
});
