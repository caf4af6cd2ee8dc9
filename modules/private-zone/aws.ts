import { Route53Record } from '@cdktf/provider-aws/lib/route53-record';
import { Route53Zone } from '@cdktf/provider-aws/lib/route53-zone';
import type { Construct } from 'constructs';
import { tagsOf } from '../../lib/tags';
import type { PrivateZoneProps } from './contract';

/** In seconds. The names behind follow their own failovers; these change only when a rebuild makes other stores. */
const ttl = 30;

/** Declares the zone `<region>.<environment>.tandem.internal` with its names. It answers for one region alone. */
export function privateZone(scope: Construct, props: PrivateZoneProps): (label: string) => string {
  const { environment, region, vpcId } = props;
  const name = `${region}.${environment}.tandem.internal`;
  const zone = new Route53Zone(scope, 'zone', {
    name,
    comment: `Stores of ${environment} in ${region}`,
    vpc: [{ vpcId, vpcRegion: region }],
    tags: { ...tagsOf(props), Name: name },
  });
  for (const [label, targets] of Object.entries(props.names)) {
    for (const [at, target] of targets.entries()) {
      new Route53Record(scope, `${label}_${at + 1}`, {
        zoneId: zone.zoneId,
        name: `${label}.${name}`,
        type: 'CNAME',
        ttl,
        records: [target],
        setIdentifier: String(at + 1),
        weightedRoutingPolicy: { weight: 1 },
      });
    }
  }
  return (label) => `${label}.${name}`;
}
