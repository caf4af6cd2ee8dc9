import { Lb } from '@cdktf/provider-aws/lib/lb';
import { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import { named } from '../named';
import { accessLogs } from './access-logs';
import type { LoadBalancerOutputs, LoadBalancerProps } from './contract';

/** Declares the region's public load balancer. Its listener and certificate belong to the layer that owns the zone. */
export function loadBalancer(scope: Construct, props: LoadBalancerProps): LoadBalancerOutputs {
  const group = new SecurityGroup(scope, 'load_balancer_group', {
    ...named('securityGroup', props, 'load-balancer'),
    description: 'The public load balancer: HTTPS from anywhere',
    vpcId: props.vpcId,
  });
  new VpcSecurityGroupIngressRule(scope, 'https_from_anywhere', {
    securityGroupId: group.id,
    cidrIpv4: '0.0.0.0/0',
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    description: 'HTTPS from anywhere',
    tags: named('nameTag', props, 'https-from-anywhere').tags,
  });

  const { bucket, policy } = accessLogs(scope, props);
  const balancer = new Lb(scope, 'load_balancer', {
    ...named('loadBalancer', props, 'workload'),
    loadBalancerType: 'application',
    internal: false,
    subnets: props.subnetIds,
    securityGroups: [group.id],
    enableDeletionProtection: props.protected,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: 'defensive',
    accessLogs: { bucket: bucket.bucket, enabled: true },
    // Elastic Load Balancing writes a test object when logs are switched on.
    dependsOn: [policy],
  });
  return {
    arn: balancer.arn,
    dnsName: balancer.dnsName,
    zoneId: balancer.zoneId,
    securityGroupId: group.id,
    targetGroupArn: targetGroup(scope, props).arn,
  };
}

/**
 * A pod that may not serve is left out while others may. When none may, all are asked ("Health checks for Application Load
 * Balancer target groups", Elastic Load Balancing User Guide), so that Route 53 hears the region's own answer.
 */
function targetGroup(scope: Construct, { vpcId, podPort, healthCheckPath, ...place }: LoadBalancerProps) {
  return new LbTargetGroup(scope, 'pods', {
    ...named('targetGroup', place, 'workload'),
    vpcId,
    targetType: 'ip',
    protocol: 'HTTP',
    port: podPort,
    // Seconds; as long as a pod has to end its requests.
    deregistrationDelay: '30',
    healthCheck: {
      path: healthCheckPath,
      matcher: '200',
      interval: 10,
      timeout: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 2,
    },
  });
}
