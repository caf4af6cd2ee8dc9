/** The CIDRs of one zone's subnets. */
export interface ZoneCidrs {
  /** The zone, such as `us-east-1a`. */
  readonly zone: string;
  /** Of load balancers and NAT gateways. */
  readonly public: string;
  /** Of nodes and their pods. */
  readonly private: string;
  /** Of what holds data, without a route out of the VPC but to its peer. */
  readonly database: string;
}

/** The VPCs of both regions by place: the halves of the environment's /15, a /16 each. */
export function vpcCidrs(cidr: string): readonly [string, string] {
  const second = Number(cidr.split('.')[1]);
  return [`10.${second}.0.0/16`, `10.${second + 1}.0.0/16`];
}

/** All private subnets of a VPC, those of zones to come too. @param vpcCidr a /16 */
export const privateCidr = (vpcCidr: string): string => vpcCidr.replace('/16', '/17');

/**
 * A VPC's subnets over three zones, or four. Each kind starts at a fixed place and has room for the fourth, so that a new zone
 * moves nothing: a subnet's CIDR can't change without replacing everything in it.
 *
 * | third number | kind                               |
 * | ------------ | ---------------------------------- |
 * | 0 to 127     | private, a /19 (8,187 addresses)   |
 * | 128 to 143   | public, a /22 (1,019 addresses)    |
 * | 144 to 159   | database, a /22 (1,019 addresses)  |
 * | 160 to 255   | free                               |
 *
 * Private is the largest because every pod has an address of its own: a t3.large takes at most 36, so that 450 nodes, the
 * most that a group has, still fit in two zones when the third is lost. AWS keeps five addresses of a subnet for itself.
 * Sources: "Maximum IP addresses per network interface", Amazon EC2 User Guide; "Subnet CIDR blocks", Amazon VPC User Guide.
 *
 * @param vpcCidr a /16
 */
export function subnetCidrs(vpcCidr: string, zones: readonly string[]): readonly ZoneCidrs[] {
  const network = vpcCidr.split('.').slice(0, 2).join('.');
  return zones.map((zone, at) => ({
    zone,
    public: `${network}.${128 + 4 * at}.0/22`,
    private: `${network}.${32 * at}.0/19`,
    database: `${network}.${144 + 4 * at}.0/22`,
  }));
}
