import { Route } from '@cdktf/provider-aws/lib/route';
import { VpcPeeringConnection } from '@cdktf/provider-aws/lib/vpc-peering-connection';
import { VpcPeeringConnectionAccepterA } from '@cdktf/provider-aws/lib/vpc-peering-connection-accepter';
import { VpcPeeringConnectionOptions } from '@cdktf/provider-aws/lib/vpc-peering-connection-options';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { PeeringProps, PeeringRegion, Way } from './contract';
import { transitGateways } from './transit-gateway';

/** Connects the VPCs of two regions, with routes both ways in every table that is given. */
export function peering(scope: Construct, props: PeeringProps): void {
  const [first, second] = props.regions;
  const connect = { peering: vpcPeering, 'transit-gateway': transitGateways }[props.connection];
  const [there, back] = connect(scope, props);
  routes(scope, first, second, there);
  routes(scope, second, first, back);
}

function routes(scope: Construct, region: PeeringRegion, peer: PeeringRegion, way: Way): void {
  for (const [name, routeTableId] of Object.entries(region.routeTableIds)) {
    new Route(scope, `${region.name}_${name}`.replaceAll('-', '_'), {
      provider: region.provider,
      routeTableId,
      destinationCidrBlock: peer.cidr,
      ...way,
    });
  }
}

function vpcPeering(scope: Construct, { environment, regions }: PeeringProps): readonly [Way, Way] {
  const [first, second] = regions;
  // Of no region: it is one connection, seen from two sides.
  const { tags } = named('nameTag', { environment, layer: 'peering' }, 'peering');

  // Across regions a request can't accept itself: "Create a VPC peering connection", Amazon VPC Peering Guide.
  const requested = new VpcPeeringConnection(scope, 'peering', {
    provider: first.provider,
    vpcId: first.vpcId,
    peerVpcId: second.vpcId,
    peerRegion: second.name,
    autoAccept: false,
    tags,
  });
  const accepted = new VpcPeeringConnectionAccepterA(scope, 'peering_accepter', {
    provider: second.provider,
    vpcPeeringConnectionId: requested.id,
    autoAccept: true,
    tags,
  });

  // From the accepter, because only an active connection takes options and is worth a route.
  const vpcPeeringConnectionId = accepted.id;
  const dns = { allowRemoteVpcDnsResolution: true };
  new VpcPeeringConnectionOptions(scope, 'peering_requester_dns', {
    provider: first.provider,
    vpcPeeringConnectionId,
    requester: dns,
  });
  new VpcPeeringConnectionOptions(scope, 'peering_accepter_dns', {
    provider: second.provider,
    vpcPeeringConnectionId,
    accepter: dns,
  });
  return [{ vpcPeeringConnectionId }, { vpcPeeringConnectionId }];
}
