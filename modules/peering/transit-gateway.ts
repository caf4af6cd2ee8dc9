import { Ec2TransitGateway } from '@cdktf/provider-aws/lib/ec2-transit-gateway';
import { Ec2TransitGatewayPeeringAttachment } from '@cdktf/provider-aws/lib/ec2-transit-gateway-peering-attachment';
import { Ec2TransitGatewayPeeringAttachmentAccepter } from '@cdktf/provider-aws/lib/ec2-transit-gateway-peering-attachment-accepter';
import { Ec2TransitGatewayRoute } from '@cdktf/provider-aws/lib/ec2-transit-gateway-route';
import { Ec2TransitGatewayVpcAttachment } from '@cdktf/provider-aws/lib/ec2-transit-gateway-vpc-attachment';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { PeeringProps, PeeringRegion, Way } from './contract';

/** Private autonomous systems: AWS recommends different ones for gateways that peer ("Transit gateway peering attachments"). */
const asns = [64_512, 64_513] as const;

/** A transit gateway in each region with its VPC attached, and the two peered. */
export function transitGateways(scope: Construct, props: PeeringProps): readonly [Way, Way] {
  const [first, second] = props.regions;
  const requester = hub(scope, props, first, asns[0]);
  const accepter = hub(scope, props, second, asns[1]);
  // Of no region: it is one connection, seen from two sides.
  const { tags } = named('nameTag', { environment: props.environment, layer: 'peering' }, 'peering');

  const requested = new Ec2TransitGatewayPeeringAttachment(scope, 'transit_peering', {
    provider: first.provider,
    transitGatewayId: requester.gateway.id,
    peerTransitGatewayId: accepter.gateway.id,
    peerRegion: second.name,
    tags,
  });
  const accepted = new Ec2TransitGatewayPeeringAttachmentAccepter(scope, 'transit_peering_accepter', {
    provider: second.provider,
    transitGatewayAttachmentId: requested.id,
    tags,
  });

  // Transit gateways tell each other no routes, so the way to the peer is written down in both.
  for (const [region, peer, { id, gateway }] of [
    [first, second, requester],
    [second, first, accepter],
  ] as const) {
    new Ec2TransitGatewayRoute(scope, `${id}_to_peer`, {
      provider: region.provider,
      transitGatewayRouteTableId: gateway.associationDefaultRouteTableId,
      destinationCidrBlock: peer.cidr,
      transitGatewayAttachmentId: accepted.id,
    });
  }
  return [requester.way, accepter.way];
}

function hub(scope: Construct, props: PeeringProps, region: PeeringRegion, amazonSideAsn: number) {
  const id = `transit_${region.name.replaceAll('-', '_')}`;
  const gateway = new Ec2TransitGateway(scope, id, {
    provider: region.provider,
    description: `${props.environment} in ${region.name}`,
    amazonSideAsn,
    autoAcceptSharedAttachments: 'disable',
    tags: tagsIn(props, region, 'transit-gateway'),
  });
  const attachment = new Ec2TransitGatewayVpcAttachment(scope, `${id}_vpc`, {
    provider: region.provider,
    transitGatewayId: gateway.id,
    vpcId: region.vpcId,
    subnetIds: region.subnetIds,
    tags: tagsIn(props, region, 'vpc'),
  });
  // From the attachment: AWS refuses a route to a gateway that the VPC isn't attached to yet.
  return { id, gateway, way: { transitGatewayId: attachment.transitGatewayId } };
}

const tagsIn = ({ environment }: PeeringProps, { name }: PeeringRegion, component: string) =>
  named('nameTag', { environment, region: name, layer: 'peering' }, component).tags;
