import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { WatchedDatabaseProps } from './contract';

/**
 * Lets the peer's autopilot ask the database whether it takes connections. By address, because a rule can't name a group of
 * another region ("Update your security groups to reference peer security groups", Amazon VPC Peering Guide). It opens the
 * port and no database: that takes TLS and a password.
 */
export function watchedDatabase(scope: Construct, props: WatchedDatabaseProps): void {
  new VpcSecurityGroupIngressRule(scope, 'postgres_from_peer', {
    securityGroupId: props.securityGroupId,
    description: 'From the autopilot of the other region',
    cidrIpv4: props.cidr,
    ipProtocol: 'tcp',
    fromPort: props.port,
    toPort: props.port,
    tags: named('nameTag', props, 'postgres-from-peer').tags,
  });
}
