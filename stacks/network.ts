import type { Construct } from 'constructs';
import { zonesOf } from '../environments/aws-regions';
import { physicalName } from '../lib/names';
import { network } from '../modules/network/aws';
import { vpcCidrs } from '../modules/network/subnets';
import { AwsStack } from './aws-stack';
import { publish } from './contract';
import { networkContract } from './contracts';
import type { AwsDeployment } from './deployment';

/** A region's VPC. The same whichever region is active. */
export class NetworkStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment, region: string) {
    super(scope, id, deployment, 'network', region);
    const { name: environment, regions, ...more } = deployment.environment;
    const [first, second] = vpcCidrs(more.network.cidr);
    const outputs = network(this, {
      environment,
      region,
      layer: this.layer,
      account: more.account,
      cidr: region === regions[0] ? first : second,
      zones: zonesOf(region),
      natGateways: more.network.natGateways,
      clusterName: physicalName('eksCluster', { environment, region, component: 'cluster' }),
      logRetentionDays: more.logRetentionDays,
      protected: more.protected,
    });
    publish(this, networkContract, { ...outputs });
  }
}
