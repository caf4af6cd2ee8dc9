import { readStack, unexpected } from './synthesized';
import { readHealthChecks } from './zone';

/** What whoever stands in for AWS around the DNS server needs to know of one region's traffic. */
export interface RegionTraffic {
  /** The DNS name of the load balancer that the region's own name is an alias of. */
  readonly loadBalancer: string;
  /** The metric that moves the region's latch, the region whose CloudWatch takes it, and the check that follows it. */
  readonly latch: {
    readonly region: string;
    readonly namespace: string;
    readonly metricName: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly healthCheck: string;
  };
}

/**
 * @param publicName the failover name, `host.zone`; the region's own name is a label before it
 * @throws TandemError SynthesisUnexpected
 */
export function regionTraffic(synthesized: unknown, publicName: string, region: string): RegionTraffic {
  const stack = readStack(synthesized);
  const ownName = `${region}.${publicName}`;
  const record = Object.values(stack.resource.aws_route53_record).find(({ name }) => name === ownName);
  if (!record?.alias) throw unexpected(`no alias record ${ownName}`, 'one for each region');
  const latch = [...readHealthChecks(stack, publicName).alarms].find(
    ([, { alarm }]) => alarm.dimensions['Region'] === region,
  );
  if (!latch) throw unexpected(`no latch of ${region}`, 'a CLOUDWATCH_METRIC check for each region');
  const [healthCheck, { alarm, cloudwatch_alarm_region }] = latch;
  const { namespace, metric_name: metricName, dimensions } = alarm;
  return {
    loadBalancer: record.alias.name,
    latch: { region: cloudwatch_alarm_region, namespace, metricName, dimensions, healthCheck },
  };
}
