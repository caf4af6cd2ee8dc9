import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Route53HealthCheck } from '@cdktf/provider-aws/lib/route53-health-check';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { tagsOf } from '../../lib/tags';
import type { TrafficRegion } from './contract';

/** In seconds: the shortest that is still standard resolution. */
const period = 60;
const threshold = 1;

/**
 * Keeps a stood-down region out of DNS until somebody lets it back. The alarm lives in the peer, so that it can be
 * moved while the region itself is gone; PutMetricData there (1 closes, 0 opens) is the only call that moves it:
 * Route 53 evaluates the metric's data stream and not the alarm's state, so SetAlarmState does nothing, and without
 * data it keeps its last status (healthy when there never was any). Nothing comes back by itself. Source: "How Amazon
 * Route 53 determines whether a health check is healthy", Amazon Route 53 Developer Guide.
 */
export function latch(scope: Construct, environment: string, region: TrafficRegion, peer: TrafficRegion) {
  const id = `latch_${region.name.replaceAll('-', '_')}`;
  const name = physicalName('alarm', { environment, region: region.name, component: 'latch' });
  const tags = { ...tagsOf({ environment, region: region.name, layer: 'traffic' }), Name: name };

  // Only what a health check understands: standard resolution and a plain statistic ("Values that you specify when you
  // create or update health checks", Amazon Route 53 Developer Guide), and every data point counts.
  const alarm = new CloudwatchMetricAlarm(scope, `${id}_alarm`, {
    provider: peer.provider,
    alarmName: name,
    alarmDescription: `${region.name} is stood down: 1 keeps it out of DNS, 0 lets it back.`,
    namespace: 'Tandem',
    metricName: 'StoodDown',
    dimensions: { Environment: environment, Region: region.name },
    // Within one period closing wins: a 0 counts from the next period on.
    statistic: 'Maximum',
    period,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparisonOperator: 'GreaterThanOrEqualToThreshold',
    threshold,
    treatMissingData: 'ignore',
    tags,
  });

  return new Route53HealthCheck(scope, id, {
    type: 'CLOUDWATCH_METRIC',
    cloudwatchAlarmName: alarm.alarmName,
    cloudwatchAlarmRegion: peer.name,
    insufficientDataHealthStatus: 'LastKnownStatus',
    // Route 53 copies the alarm's settings: without this a changed alarm would leave the latch as it was ("Updating
    // health checks when you change CloudWatch alarm settings", Amazon Route 53 Developer Guide).
    triggers: { period: String(period), threshold: String(threshold) },
    tags,
  });
}
