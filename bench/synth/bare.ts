import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { Route53HealthCheck } from '@cdktf/provider-aws/lib/route53-health-check';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone';
import { App, TerraformOutput, TerraformStack } from 'cdktf';

// What plain cdktf costs: as many resources of the same classes as main.ts declares, and nothing else around them.
const app = new App();
for (const environment of ['one', 'two', 'three', 'four']) {
  const stack = new TerraformStack(app, environment);
  new AwsProvider(stack, 'aws', { region: 'us-east-1' });
  const zone = new Route53Zone(stack, 'zone', { name: `${environment}.example` });
  for (const [region, type] of [
    ['east', 'PRIMARY'],
    ['west', 'SECONDARY'],
  ] as const) {
    const provider = new AwsProvider(stack, `aws_${region}`, { alias: region, region });
    const fqdn = `${region}.${environment}.example`;
    new Route53Record(stack, `own_${region}`, {
      zoneId: zone.zoneId,
      name: fqdn,
      type: 'A',
      alias: { name: 'load-balancer.example', zoneId: 'Z1', evaluateTargetHealth: false },
    });
    const endpoint = new Route53HealthCheck(stack, `endpoint_${region}`, { type: 'HTTPS', port: 443, fqdn });
    const alarm = new CloudwatchMetricAlarm(stack, `alarm_${region}`, {
      provider,
      alarmName: region,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      evaluationPeriods: 1,
      threshold: 1,
      namespace: 'Bare',
      metricName: 'Bare',
      period: 60,
      statistic: 'Maximum',
    });
    const latch = new Route53HealthCheck(stack, `latch_${region}`, {
      type: 'CLOUDWATCH_METRIC',
      cloudwatchAlarmName: alarm.alarmName,
      cloudwatchAlarmRegion: region,
    });
    const health = new Route53HealthCheck(stack, `calculated_${region}`, {
      type: 'CALCULATED',
      childHealthchecks: [endpoint.id, latch.id],
      childHealthThreshold: 2,
    });
    new Route53Record(stack, `public_${region}`, {
      zoneId: zone.zoneId,
      name: `app.${environment}.example`,
      type: 'CNAME',
      ttl: 10,
      records: [fqdn],
      setIdentifier: region,
      failoverRoutingPolicy: { type },
      healthCheckId: health.id,
    });
  }
  for (const output of ['first', 'second', 'third'])
    new TerraformOutput(stack, output, { value: zone.zoneId });
}
app.synth();
