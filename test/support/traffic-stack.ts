/**
 * A traffic stack as cdktf synthesizes it, so that a test can break one thing of it: two regions with a name, an
 * endpoint check, a latch in the peer and a calculated check each, and the failover pair of app.tandem.example.
 */
export const trafficStack = () => ({
  provider: {
    aws: [
      { region: 'us-east-1' },
      { alias: 'us_east_1', region: 'us-east-1' },
      { alias: 'us_west_2', region: 'us-west-2' },
    ],
  },
  resource: {
    aws_route53_zone: { zone: { name: 'tandem.example' } },
    aws_route53_record: {
      own_east: ownRecord('us-east-1'),
      own_west: ownRecord('us-west-2'),
      public_east: publicRecord('us-east-1', 'east', 'PRIMARY'),
      public_west: publicRecord('us-west-2', 'west', 'SECONDARY'),
    },
    aws_route53_health_check: {
      calculated_east: calculatedCheck('east'),
      calculated_west: calculatedCheck('west'),
      endpoint_east: endpointCheck('us-east-1'),
      endpoint_west: endpointCheck('us-west-2'),
      latch_east: latchCheck('east', 'us-west-2'),
      latch_west: latchCheck('west', 'us-east-1'),
    },
    aws_cloudwatch_metric_alarm: {
      alarm_east: latchAlarm('us-east-1', 'aws.us_west_2'),
      alarm_west: latchAlarm('us-west-2', 'aws.us_east_1'),
    },
  },
});

const ownRecord = (region: string) => ({
  zone_id: '${aws_route53_zone.zone.zone_id}',
  name: `${region}.app.tandem.example`,
  type: 'A',
  alias: { name: `load-balancer.${region}.invalid`, zone_id: 'ZELB', evaluate_target_health: false },
});

const publicRecord = (region: string, id: string, failover: string) => ({
  zone_id: '${aws_route53_zone.zone.zone_id}',
  name: 'app.tandem.example',
  type: 'CNAME',
  ttl: 30,
  records: [`${region}.app.tandem.example`],
  set_identifier: region,
  failover_routing_policy: { type: failover },
  health_check_id: `\${aws_route53_health_check.calculated_${id}.id}`,
});

const endpointCheck = (region: string) => ({
  type: 'HTTPS',
  port: 443,
  fqdn: `${region}.app.tandem.example`,
  resource_path: '/health',
  request_interval: 10,
  failure_threshold: 3,
});

const latchCheck = (id: string, region: string) => ({
  type: 'CLOUDWATCH_METRIC',
  cloudwatch_alarm_name: `\${aws_cloudwatch_metric_alarm.alarm_${id}.alarm_name}`,
  cloudwatch_alarm_region: region,
  insufficient_data_health_status: 'LastKnownStatus',
});

const calculatedCheck = (id: string) => ({
  type: 'CALCULATED',
  child_healthchecks: [
    `\${aws_route53_health_check.endpoint_${id}.id}`,
    `\${aws_route53_health_check.latch_${id}.id}`,
  ],
  child_health_threshold: 2,
});

const latchAlarm = (region: string, provider: string) => ({
  provider,
  alarm_name: `${region}-latch`,
  namespace: 'Tandem',
  metric_name: 'StoodDown',
  dimensions: { Region: region },
  statistic: 'Maximum',
  period: 60,
  evaluation_periods: 1,
  comparison_operator: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  treat_missing_data: 'missing',
});

/** Behind the load balancers of `trafficStack`: one address a zone. */
export const loadBalancers = {
  'load-balancer.us-east-1.invalid': ['127.0.11.1', '127.0.11.2'],
  'load-balancer.us-west-2.invalid': ['127.0.12.1', '127.0.12.2'],
};
