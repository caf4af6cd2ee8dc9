import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { ClientAccessOutputs, ClientAccessProps } from './contract';

/**
 * A security group for the servers of a store and one for its clients. The servers open no connection: what AWS does with them
 * (replication, backups, logs) goes over its own network and not through the security group.
 */
export function clientAccess(scope: Construct, props: ClientAccessProps): ClientAccessOutputs {
  const { component, vpcId, port } = props;
  const group = (part: 'clients' | 'servers') => {
    const { name, tags } = named('securityGroup', props, `${component}-${part}`);
    const description = `${component} ${part} of ${props.environment}`;
    return new SecurityGroup(scope, `${component}_${part}`, { name, description, vpcId, tags });
  };
  const servers = group('servers');
  const clients = group('clients');
  const rule = (description: string) => ({
    description,
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    tags: named('nameTag', props, component).tags,
  });
  new VpcSecurityGroupIngressRule(scope, `${component}_from_clients`, {
    ...rule('From clients'),
    securityGroupId: servers.id,
    referencedSecurityGroupId: clients.id,
  });
  new VpcSecurityGroupEgressRule(scope, `${component}_to_servers`, {
    ...rule('To servers'),
    securityGroupId: clients.id,
    referencedSecurityGroupId: servers.id,
  });
  return { clientSecurityGroupId: clients.id, serverSecurityGroupId: servers.id };
}
