import { Route53HealthCheck } from '@cdktf/provider-aws/lib/route53-health-check';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone';
import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { tagsOf } from '../../lib/tags';
import { named } from '../named';
import type { RegionHealth, TrafficOutputs, TrafficProps, TrafficRegion } from './contract';
import { latch } from './latch';

/**
 * Declares the zone, each region's health and the failover records of the public name. Everything follows place and
 * nothing follows role: a failover moves clients through the health checks and never applies this.
 */
export function traffic(scope: Construct, props: TrafficProps): TrafficOutputs {
  const [first, second] = props.regions;
  const publicName = `${props.host}.${props.zone}`;
  const zone = new Route53Zone(scope, 'zone', {
    name: props.zone,
    tags: named('nameTag', { environment: props.environment, layer: 'traffic' }, 'zone').tags,
    lifecycle: { preventDestroy: props.protected },
  });

  const declareRegion = (
    region: TrafficRegion,
    peer: TrafficRegion,
    failover: 'PRIMARY' | 'SECONDARY',
  ): RegionHealth => {
    const id = region.name.replaceAll('-', '_');
    const ownName = `${region.name}.${publicName}`;

    new Route53Record(scope, `own_${id}`, {
      zoneId: zone.zoneId,
      name: ownName,
      type: 'A',
      alias: {
        name: region.loadBalancer.dnsName,
        zoneId: region.loadBalancer.zoneId,
        evaluateTargetHealth: false,
      },
    });
    const { endpoint, calculated } = regionHealth(scope, props, region, peer, ownName);
    // A CNAME, because its answer tells a workload which region DNS chose, and because it has a TTL of its own where
    // an alias to a load balancer has 60 s ("Amazon Route 53 FAQs").
    new Route53Record(scope, `public_${id}`, {
      zoneId: zone.zoneId,
      name: publicName,
      type: 'CNAME',
      ttl: props.ttlSeconds,
      records: [ownName],
      setIdentifier: region.name,
      failoverRoutingPolicy: { type: failover },
      healthCheckId: calculated.id,
    });
    return { region: region.name, ownName, endpointCheckId: endpoint.id, healthCheckId: calculated.id };
  };

  const regions = [
    declareRegion(first, second, 'PRIMARY'),
    declareRegion(second, first, 'SECONDARY'),
  ] as const;
  return { publicName, zoneId: zone.zoneId, nameServers: Token.asList(zone.nameServers), regions };
}

/** A region is in the answer while its endpoint serves and its latch is open: both, never one of them. */
function regionHealth(
  scope: Construct,
  { environment, healthCheck }: TrafficProps,
  region: TrafficRegion,
  peer: TrafficRegion,
  fqdn: string,
) {
  const id = region.name.replaceAll('-', '_');
  const tagsFor = (component: string) => ({
    ...tagsOf({ environment, region: region.name, layer: 'traffic' }),
    Name: physicalName('healthCheck', { environment, region: region.name, component }),
  });

  const endpoint = new Route53HealthCheck(scope, `endpoint_${id}`, {
    type: 'HTTPS',
    port: 443,
    fqdn,
    resourcePath: healthCheck.path,
    requestInterval: healthCheck.intervalSeconds,
    failureThreshold: healthCheck.failureThreshold,
    enableSni: true,
    measureLatency: true,
    tags: tagsFor('endpoint'),
  });
  const calculated = new Route53HealthCheck(scope, `calculated_${id}`, {
    type: 'CALCULATED',
    childHealthchecks: [endpoint.id, latch(scope, environment, region, peer).id],
    childHealthThreshold: 2,
    tags: tagsFor('calculated'),
  });
  return { endpoint, calculated };
}
