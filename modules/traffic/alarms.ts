import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { Construct } from 'constructs';
import { alarmTopic } from '../alarms/aws';
import { named } from '../named';
import type { AlarmsProps } from './contract';

/** In seconds: how often Route 53 tells CloudWatch. */
const period = 60;
const metric = { namespace: 'AWS/Route53', metricName: 'HealthCheckStatus' };

/**
 * Declares who hears about health: each region's endpoint, and that no region is left to answer with. All of it is in us-east-1, the
 * only region with Route 53's metrics ("Monitoring health checks using CloudWatch", Amazon Route 53 Developer Guide): when
 * us-east-1 is what fails, these stay silent and the checks themselves still move clients. A latch raises no alarm: a region that
 * is latched out was stood down on purpose, and may stay so for long.
 * @returns the topic's ARN; nobody is subscribed to it
 */
export function healthAlarms(scope: Construct, props: AlarmsProps): string {
  const { provider, environment, layer, regions } = props;
  const topicArn = alarmTopic(scope, props);
  const alarm = {
    provider,
    comparisonOperator: 'LessThanThreshold',
    threshold: 1,
    evaluationPeriods: 1,
    // Route 53 is silent about no check that exists.
    treatMissingData: 'breaching',
    alarmActions: [topicArn],
    okActions: [topicArn],
  };

  for (const { region, endpointCheckId } of regions) {
    const { name, tags } = named('alarm', { environment, layer, region }, 'endpoint');
    new CloudwatchMetricAlarm(scope, `endpoint_${region.replaceAll('-', '_')}_alarm`, {
      ...alarm,
      ...metric,
      alarmName: name,
      alarmDescription: `${region} does not answer Route 53's health check.`,
      dimensions: { HealthCheckId: endpointCheckId },
      statistic: 'Minimum',
      period,
      tags,
    });
  }

  const { name, tags } = named('alarm', { environment, layer }, 'no-region');
  new CloudwatchMetricAlarm(scope, 'no_region_alarm', {
    ...alarm,
    alarmName: name,
    alarmDescription:
      'No region is healthy: Route 53 answers with its PRIMARY, whatever that does with requests.',
    metricQuery: [
      ...regions.map(({ healthCheckId }, at) => ({
        id: `region${at + 1}`,
        metric: { ...metric, dimensions: { HealthCheckId: healthCheckId }, stat: 'Minimum', period },
      })),
      { id: 'best', expression: 'MAX(METRICS())', label: 'Healthiest region', returnData: true },
    ],
    tags,
  });
  return topicArn;
}
