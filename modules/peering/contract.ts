import type { TerraformProvider } from 'cdktf';

/** One of the two regions, as their connection sees it. */
export interface PeeringRegion {
  /** The region's name: by place, never by role. */
  readonly name: string;
  /** Creates what is in this region. */
  readonly provider: TerraformProvider;
  /** The VPC to connect. */
  readonly vpcId: string;
  /** The VPC's addresses, which its peer's routes lead to. */
  readonly cidr: string;
  /** One a zone: where a transit gateway has its network interfaces. */
  readonly subnetIds: string[];
  /** The route tables that learn the way to the peer, each by a short name such as `private_a`. */
  readonly routeTableIds: Readonly<Record<string, string>>;
}

/** What connects the VPCs of an environment's two regions. */
export interface PeeringProps {
  /** The environment's name. */
  readonly environment: string;
  /** `peering` connects the VPCs themselves; `transit-gateway` puts a hub in each region, to which more VPCs can attach. */
  readonly connection: 'peering' | 'transit-gateway';
  /** Both regions by place: the first asks and the second accepts, whichever is active. */
  readonly regions: readonly [PeeringRegion, PeeringRegion];
}

/** What a region's route to its peer leads through, in Terraform's words. */
export type Way = { readonly vpcPeeringConnectionId: string } | { readonly transitGatewayId: string };
