import type { Construct } from 'constructs';
import { cluster } from '../modules/cluster/aws';
import { deployRoleArn } from '../modules/identity/names';
import { loadBalancer } from '../modules/load-balancer/aws';
import { registry } from '../modules/registry/aws';
import { AwsStack } from './aws-stack';
import { consume, publish } from './contract';
import { clusterContract, dataContract, networkContract } from './contracts';
import type { AwsDeployment } from './deployment';

/** What the cluster is for: the reference workload, by its chart's names. */
const reference = { namespace: 'tandem', serviceAccount: 'reference', port: 8080 };

/** A region's cluster, the load balancer in front of it and the images it runs: the same whichever region is active. */
export class ClusterStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment, region: string) {
    super(scope, id, deployment, 'cluster', region);
    const { name, account, regions, logRetentionDays, ...environment } = deployment.environment;
    const network = consume(this, networkContract);
    const data = consume(this, dataContract);
    const shared = {
      environment: name,
      region,
      layer: this.layer,
      account,
      protected: environment.protected,
      logRetentionDays,
    };

    registry(this, {
      ...shared,
      peerRegion: region === regions[0] ? regions[1] : regions[0],
      repositories: { repository: reference.serviceAccount, autopilot_repository: 'autopilot' },
    });
    const balancer = loadBalancer(this, {
      ...shared,
      vpcId: network.vpcId,
      subnetIds: network.publicSubnetIds,
      podPort: reference.port,
      healthCheckPath: environment.healthCheck.path,
    });
    const { instanceType, minNodes, maxNodes, publicAccessCidrs } = environment.cluster;
    const { name: clusterName, oidcProviderArn } = cluster(this, {
      ...shared,
      subnetIds: network.privateSubnetIds,
      publicAccessCidrs,
      deployRoleArn: deployRoleArn(account, name),
      nodes: {
        instanceType,
        minNodes,
        maxNodes,
        clientSecurityGroupIds: [data.databaseClientSecurityGroupId, data.cacheClientSecurityGroupId],
      },
      loadBalancer: balancer,
      workload: {
        ...reference,
        databaseSecretArn: data.databaseSecretArn,
        secretsKeyArn: data.secretsKeyArn,
        cacheArn: data.cacheArn,
        cacheUserArn: data.cacheUserArn,
      },
    });

    publish(this, clusterContract, {
      clusterName,
      oidcProviderArn,
      loadBalancerArn: balancer.arn,
      loadBalancerDnsName: balancer.dnsName,
      loadBalancerZoneId: balancer.zoneId,
      targetGroupArn: balancer.targetGroupArn,
    });
  }
}
