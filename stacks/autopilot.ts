import type { Construct } from 'constructs';
import { physicalName } from '../lib/names';
import { autopilot } from '../modules/autopilot/aws';
import { privateCidr, vpcCidrs } from '../modules/network/subnets';
import { instanceArnPattern } from '../modules/postgres/aws';
import { AwsStack } from './aws-stack';
import { consume } from './contract';
import { keysContract, networkContract } from './contracts';
import { database } from './data';
import type { AwsDeployment } from './deployment';

/** What watches from a region and fails over to it: the same bytes in every role and generation. */
export class AutopilotStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment, region: string) {
    super(scope, id, deployment, 'autopilot', region);
    const { name: environment, account, regions, logRetentionDays, ...more } = deployment.environment;
    const first = region === regions[0];
    const peer = first ? regions[1] : regions[0];
    const [firstCidr, secondCidr] = vpcCidrs(more.network.cidr);
    const { vpcId, privateSubnetIds: subnetIds } = consume(this, networkContract);
    const { dataKeyArn: kmsKeyArn } = consume(this, keysContract);
    const of = { environment, region };
    const cluster = physicalName('eksCluster', { ...of, component: 'cluster' });
    const nodes = physicalName('eksNodeGroup', { ...of, component: 'nodes' });
    const operations = physicalName('dynamodbTable', { ...of, component: 'operations' });
    // Offline stands in for what a release records, so that the service is planned as well.
    const imageDigest = more.autopilot.image ?? (this.live ? undefined : `sha256:${'0'.repeat(64)}`);

    autopilot(this, {
      ...of,
      layer: this.layer,
      account,
      peer: { privateCidr: privateCidr(first ? secondCidr : firstCidr) },
      vpcId,
      subnetIds,
      databasePort: database.port,
      kmsKeyArn,
      logRetentionDays,
      protected: more.protected,
      ...(imageDigest !== undefined && { imageDigest }),
      instanceArns: {
        own: instanceArnPattern(environment, region, account),
        peer: instanceArnPattern(environment, peer, account),
      },
      operationsTableArn: `arn:aws:dynamodb:${region}:${account}:table/${operations}`,
      nodeGroupArn: `arn:aws:eks:${region}:${account}:nodegroup/${cluster}/${nodes}/*`,
    });
  }
}
