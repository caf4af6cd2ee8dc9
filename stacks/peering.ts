import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { zonesOf } from '../environments/aws-regions';
import { peering } from '../modules/peering/aws';
import type { PeeringRegion } from '../modules/peering/contract';
import { vpcCidrs } from '../modules/network/subnets';
import { AwsStack } from './aws-stack';
import { consume } from './contract';
import { networkContract } from './contracts';
import type { AwsDeployment } from './deployment';

/**
 * What connects the two regions' VPCs: one global stack, the only one of the networks that reads both regions. A failover
 * never applies it, and each region works without it.
 */
export class PeeringStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment) {
    super(scope, id, deployment, 'peering');
    const { name: environment, regions, network } = deployment.environment;
    const [first, second] = vpcCidrs(network.cidr);
    peering(this, {
      environment,
      connection: network.connection,
      regions: [this.regionOf(regions[0], first), this.regionOf(regions[1], second)],
    });
  }

  private regionOf(name: string, cidr: string): PeeringRegion {
    const { vpcId, privateSubnetIds, privateRouteTableIds, databaseRouteTableId } = consume(
      this,
      networkContract,
      name,
    );
    // By zone and not by count, so that a route's address says whose it is.
    const privateRouteTables = zonesOf(name).map((zone, at) => {
      const id = Token.asString(Fn.element(privateRouteTableIds, at));
      return [`private_${zone.slice(name.length)}`, id] as const;
    });
    return {
      name,
      provider: this.aliased(name),
      vpcId,
      cidr,
      subnetIds: privateSubnetIds,
      routeTableIds: { ...Object.fromEntries(privateRouteTables), database: databaseRouteTableId },
    };
  }
}
