import type { Place } from '../named';

/** What a region's VPC is made of. Nothing here depends on a role: both regions are built alike. */
export interface NetworkProps extends Place {
  /** The AWS account, 12 digits: its callers may use the endpoints. */
  readonly account: string;
  /** The VPC's addresses: a /16. */
  readonly cidr: string;
  /** The three zones that the subnets are in, such as `us-east-1a`. */
  readonly zones: readonly string[];
  /**
   * `zone`: a NAT gateway and interface endpoints in each zone. `one`: in the first zone only, for a third of the price; when
   * that zone is lost, so is every way out.
   */
  readonly natGateways: 'zone' | 'one';
  /** The EKS cluster that will use the subnets: they are tagged for it. */
  readonly clusterName: string;
  /** How long flow logs are kept, in days. */
  readonly logRetentionDays: number;
  /** Whether Terraform refuses to destroy the flow logs and the key that reads them. */
  readonly protected: boolean;
}

/** What the layers after it are placed in. Subnets and zones are in the same order. */
export interface NetworkOutputs {
  readonly vpcId: string;
  readonly publicSubnetIds: string[];
  readonly privateSubnetIds: string[];
  readonly databaseSubnetIds: string[];
  /** One a zone: what leaves a private subnet goes through its own zone's NAT gateway. */
  readonly privateRouteTableIds: string[];
  /** One for all database subnets: they have no way out that could belong to a zone. */
  readonly databaseRouteTableId: string;
}
