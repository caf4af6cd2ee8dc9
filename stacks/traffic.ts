import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { AwsEnvironment } from '../environments';
import { certificates } from '../modules/certificates/aws';
import { edge } from '../modules/edge/aws';
import { edgeKey } from '../modules/edge/key';
import { regionalEdge } from '../modules/edge/regional';
import { contentOrigin, staticContent } from '../modules/static-content/aws';
import { healthAlarms } from '../modules/traffic/alarms';
import { traffic } from '../modules/traffic/aws';
import type { TrafficOutputs } from '../modules/traffic/contract';
import { reads } from '../modules/traffic/reads';
import { AwsStack } from './aws-stack';
import { consume } from './contract';
import { clusterContract } from './contracts';
import type { Deployment } from './deployment';

/**
 * What moves clients between an environment's regions, and on AWS the public edge: one global stack, the same bytes whichever
 * region is active. An environment on another target synthesizes what moves clients too, and serves it with a DNS of its own.
 */
export class TrafficStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id, deployment, 'traffic');
    const { environment } = deployment;
    const [first, second] = environment.regions;
    const regions = [regionOf(this, first), regionOf(this, second)] as const;
    const moved = traffic(this, {
      environment: environment.name,
      ...environment.dns,
      healthCheck: environment.healthCheck,
      protected: environment.target === 'aws' && environment.protected,
      regions,
    });
    this.#output({
      public_name: moved.publicName,
      name_servers: moved.nameServers,
      health_check_ids: Object.fromEntries(
        moved.regions.map(({ region, healthCheckId }) => [region, healthCheckId]),
      ),
    });
    if (environment.target === 'aws') this.#serve(environment, regions, moved);
  }

  /** What only AWS has: certificates, HTTPS at both load balancers, CloudFront, and who hears of their health. */
  #serve(
    { name: environment, account, protected: isProtected, logRetentionDays, dns }: AwsEnvironment,
    [first, second]: readonly [TrafficRegion, TrafficRegion],
    moved: TrafficOutputs,
  ): void {
    const of = { environment, layer: this.layer };
    const own = { account, protected: isProtected };
    const edgeIn = (region: string, provider = this.aliased(region)) => {
      const place = { ...of, region, provider, ...own };
      return { ...place, keyArn: edgeKey(this, place), logRetentionDays };
    };
    const places = [edgeIn(first.name, first.provider), edgeIn(second.name, second.provider)] as const;
    // CloudFront, its web ACL, and Route 53's metrics know no other region.
    const usEast1 = places.find(({ region }) => region === 'us-east-1') ?? edgeIn('us-east-1');

    const { publicName, zoneId } = moved;
    const issued = certificates(this, { zoneId, name: publicName, regions: places, usEast1 });
    regionalEdge(this, { ...places[0], ...first, certificateArn: issued.regions[0] });
    regionalEdge(this, { ...places[1], ...second, certificateArn: issued.regions[1] });

    const edgeName = `edge.${publicName}`;
    const { distributionId, distributionArn } = edge(this, {
      ...of,
      usEast1: usEast1.provider,
      keyArn: usEast1.keyArn,
      logRetentionDays,
      zoneId,
      name: edgeName,
      applicationName: publicName,
      certificateArn: issued.usEast1,
      contentDomainNames: [contentOrigin(places[0]).domainName, contentOrigin(places[1]).domainName],
    });
    staticContent(this, places, distributionArn);

    this.#output({
      read_name: reads(this, moved, dns.ttlSeconds),
      edge_name: edgeName,
      distribution_id: distributionId,
      content_buckets: Object.fromEntries(
        places.map((place) => [place.region, contentOrigin(place).bucketName]),
      ),
      alarm_topic_arn: healthAlarms(this, { ...usEast1, kmsKeyArn: usEast1.keyArn, regions: moved.regions }),
    });
  }

  #output(values: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(values)) new TerraformOutput(this, name, { value });
  }
}

type TrafficRegion = ReturnType<typeof regionOf>;

/** A region as traffic needs it. What is there without AWS stands for a load balancer, and can't be applied. */
function regionOf(stack: AwsStack, name: string) {
  const { loadBalancerArn, loadBalancerDnsName, loadBalancerZoneId, targetGroupArn } = consume(
    stack,
    clusterContract,
    name,
  );
  return {
    name,
    provider: stack.aliased(name),
    loadBalancer: { dnsName: loadBalancerDnsName, zoneId: loadBalancerZoneId },
    loadBalancerArn,
    targetGroupArn,
  };
}
