import { Route53Record } from '@cdktf/provider-aws/lib/route53-record';
import type { Construct } from 'constructs';
import type { TrafficOutputs } from './contract';

/**
 * Declares the name that reads go to: whichever region is nearer and serves. It asks the endpoint check alone, not the latch: a
 * standby is latched out for writers and still serves reads, while a region that is fenced or being rebuilt answers its check with
 * 503, and so is out of this name as well. How far a standby is behind, DNS doesn't know.
 * @returns the name
 */
export function reads(
  scope: Construct,
  { zoneId, publicName, regions }: TrafficOutputs,
  ttlSeconds: number,
): string {
  const name = `read.${publicName}`;
  for (const { region, ownName, endpointCheckId } of regions) {
    new Route53Record(scope, `read_${region.replaceAll('-', '_')}`, {
      zoneId,
      name,
      type: 'CNAME',
      ttl: ttlSeconds,
      records: [ownName],
      setIdentifier: region,
      latencyRoutingPolicy: { region },
      healthCheckId: endpointCheckId,
    });
  }
  return name;
}
