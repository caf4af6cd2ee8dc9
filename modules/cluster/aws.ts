import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association';
import { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster';
import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import { versions } from '../../lib/versions';
import { assumedBy } from '../iam/policy';
import { named } from '../named';
import { addonsAfterNodes, addonsBeforeNodes } from './addons';
import type { ClusterOutputs, ClusterProps, ControlPlane } from './contract';
import { controllerIdentity, workloadIdentity } from './identities';
import { clusterKey } from './key';
import { nodes } from './nodes';
import { role } from '../iam/role';

/** Declares an EKS cluster with its nodes, add-ons and pod identities. The same for every role of the region. */
export function cluster(scope: Construct, props: ClusterProps): ClusterOutputs {
  const plane = controlPlane(scope, props);
  const group = nodes(scope, props, plane, addonsBeforeNodes(scope, props, plane));
  addonsAfterNodes(scope, props, plane, group);
  controllerIdentity(scope, props, plane);
  workloadIdentity(scope, props, plane);
  pathToPods(scope, props, plane.cluster);

  // Without a thumbprint: IAM trusts EKS's issuer by its certificate authority ("Create an OpenID Connect (OIDC)
  // identity provider in IAM", AWS IAM User Guide), so no certificate has to be looked up.
  const oidc = new IamOpenidConnectProvider(scope, 'oidc_provider', {
    url: plane.cluster.identity.get(0).oidc.get(0).issuer,
    clientIdList: ['sts.amazonaws.com'],
    tags: named('nameTag', props, 'cluster-oidc').tags,
  });
  return { name: plane.cluster.name, oidcProviderArn: oidc.arn };
}

function controlPlane(scope: Construct, props: ClusterProps): ControlPlane {
  const { name, tags } = named('eksCluster', props, 'cluster');
  // EKS writes to this name and no other ("Send control plane logs to CloudWatch Logs", Amazon EKS User Guide).
  const logGroupName = `/aws/eks/${name}/cluster`;
  const key = clusterKey(scope, props, logGroupName);
  const logGroup = new CloudwatchLogGroup(scope, 'control_plane_logs', {
    name: logGroupName,
    retentionInDays: props.logRetentionDays,
    kmsKeyId: key.arn,
    tags,
  });
  const { arn: roleArn, policies } = role(scope, 'cluster', props, {
    trust: assumedBy('eks.amazonaws.com'),
    managed: ['AmazonEKSClusterPolicy'],
    statements: [
      {
        Effect: 'Allow',
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ListGrants', 'kms:DescribeKey'],
        Resource: key.arn,
      },
    ],
  });
  const isPublic = props.publicAccessCidrs.length > 0;

  const cluster = new EksCluster(scope, 'cluster', {
    name,
    version: versions.kubernetes,
    roleArn,
    vpcConfig: {
      subnetIds: props.subnetIds,
      endpointPrivateAccess: true,
      endpointPublicAccess: isPublic,
      ...(isPublic && { publicAccessCidrs: props.publicAccessCidrs }),
    },
    // Outside 10.0.0.0/8, which the VPCs of both regions share: EKS would choose 10.100.0.0/16 or this.
    kubernetesNetworkConfig: { serviceIpv4Cidr: '172.20.0.0/16' },
    accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
    encryptionConfig: { provider: { keyArn: key.arn }, resources: ['secrets'] },
    enabledClusterLogTypes: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'],
    // Every add-on is declared, at a version of ours.
    bootstrapSelfManagedAddons: false,
    tags,
    lifecycle: { preventDestroy: props.protected },
    dependsOn: [logGroup, ...policies],
  });
  administrator(scope, props, cluster.name);
  return { cluster, arn: `arn:aws:eks:${props.region}:${props.account}:cluster/${name}`, key };
}

/** Nodes have their entry from EKS. Nobody else gets in, not even who created the cluster. */
function administrator(scope: Construct, props: ClusterProps, clusterName: string): void {
  const { principalArn } = new EksAccessEntry(scope, 'deploy_access', {
    clusterName,
    principalArn: props.deployRoleArn,
    tags: named('nameTag', props, 'cluster-deploy').tags,
  });
  new EksAccessPolicyAssociation(scope, 'deploy_access_policy', {
    clusterName,
    principalArn,
    policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
    accessScope: { type: 'cluster' },
  });
}

/**
 * From the load balancer to the pods, on their port and no other. Both ends are here, because the group that EKS gives to
 * nodes is known only with the cluster.
 */
function pathToPods(scope: Construct, props: ClusterProps, { vpcConfig }: EksCluster): void {
  const { securityGroupId } = props.loadBalancer;
  const nodesGroupId = vpcConfig.clusterSecurityGroupId;
  const port = { ipProtocol: 'tcp', fromPort: props.workload.port, toPort: props.workload.port };
  new VpcSecurityGroupEgressRule(scope, 'load_balancer_to_pods', {
    securityGroupId,
    referencedSecurityGroupId: nodesGroupId,
    ...port,
    description: 'Requests and health checks to the pods',
    tags: named('nameTag', props, 'load-balancer-to-pods').tags,
  });
  new VpcSecurityGroupIngressRule(scope, 'pods_from_load_balancer', {
    securityGroupId: nodesGroupId,
    referencedSecurityGroupId: securityGroupId,
    ...port,
    description: 'Requests and health checks from the load balancer',
    tags: named('nameTag', props, 'pods-from-load-balancer').tags,
  });
}
