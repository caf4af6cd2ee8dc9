import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { NetworkProps } from './contract';
import { endpointPolicy, s3EndpointPolicy, stsEndpointPolicy } from './policies';

/**
 * What a cluster asks AWS for in the minutes of a failover, so that it depends on neither a NAT gateway nor the internet.
 * Without `eks`: nodes of a managed group are told their cluster, and not every region of ours has that endpoint. Sources:
 * "Deploy private clusters with limited internet access" and "Access Amazon EKS using AWS PrivateLink", Amazon EKS User Guide.
 */
const interfaceServices = [
  // More nodes.
  'autoscaling',
  'ec2',
  // Their images; the layers are in S3.
  'ecr.api',
  'ecr.dkr',
  // Credentials of pods: by pod identity, and by IRSA.
  'eks-auth',
  'sts',
  // What a failover calls: the autopilot runs in the VPC (ADR 0062).
  'elasticache',
  'rds',
  // Pods into the load balancer's target group.
  'elasticloadbalancing',
  // Passwords, and the keys that they are encrypted with.
  'kms',
  'secretsmanager',
  // What an outage is understood by.
  'logs',
  'monitoring',
] as const;

/** Private ways from a VPC to AWS's services, each with a policy. */
export function endpoints(
  scope: Construct,
  props: NetworkProps,
  vpc: { readonly id: string; readonly subnetIds: string[]; readonly routeTableIds: string[] },
): void {
  const { account, region } = props;
  const tagsFor = (component: string) => named('nameTag', props, component).tags;

  const gateways = { s3: s3EndpointPolicy(account), dynamodb: endpointPolicy(account) };
  for (const [service, policy] of Object.entries(gateways)) {
    new VpcEndpoint(scope, `endpoint_${service}`, {
      vpcId: vpc.id,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${region}.${service}`,
      routeTableIds: vpc.routeTableIds,
      policy,
      tags: tagsFor(`endpoint-${service}`),
    });
  }

  const group = new SecurityGroup(scope, 'endpoints', {
    ...named('securityGroup', props, 'endpoints'),
    vpcId: vpc.id,
    description: 'Interface endpoints: HTTPS from inside the VPC.',
  });
  new VpcSecurityGroupIngressRule(scope, 'endpoints_https', {
    securityGroupId: group.id,
    description: 'HTTPS from inside the VPC',
    cidrIpv4: props.cidr,
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    tags: tagsFor('endpoints-https'),
  });

  for (const service of interfaceServices) {
    const component = `endpoint-${service.replace('.', '-')}`;
    new VpcEndpoint(scope, component.replaceAll('-', '_'), {
      vpcId: vpc.id,
      vpcEndpointType: 'Interface',
      serviceName: `com.amazonaws.${region}.${service}`,
      subnetIds: vpc.subnetIds,
      securityGroupIds: [group.id],
      // The service's ordinary name leads here, so that no client has to know.
      privateDnsEnabled: true,
      policy: service === 'sts' ? stsEndpointPolicy(account) : endpointPolicy(account),
      tags: tagsFor(component),
    });
  }
}
