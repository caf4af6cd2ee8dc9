import { EksAddon } from '@cdktf/provider-aws/lib/eks-addon';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { versions } from '../../lib/versions';
import { named } from '../named';
import type { ClusterProps, ControlPlane } from './contract';
import { podRole } from './identities';

interface AddonOptions {
  /** JSON, by the add-on's own schema. */
  readonly configurationValues?: string;
  readonly podIdentityAssociation?: { roleArn: string; serviceAccount: string }[];
  readonly dependsOn: ITerraformDependable[];
}

function addon(
  scope: Construct,
  props: ClusterProps,
  { cluster }: ControlPlane,
  addonName: keyof typeof versions.eksAddons,
  options: AddonOptions,
): EksAddon {
  return new EksAddon(scope, `addon_${addonName.replaceAll('-', '_')}`, {
    clusterName: cluster.name,
    addonName,
    addonVersion: versions.eksAddons[addonName],
    // What somebody changed by hand is not kept.
    resolveConflictsOnCreate: 'OVERWRITE',
    resolveConflictsOnUpdate: 'OVERWRITE',
    tags: named('nameTag', props, `addon-${addonName}`).tags,
    ...options,
  });
}

/**
 * What a node needs to become ready, all of it DaemonSets: addresses for pods, services, and credentials, which the
 * network plugin itself asks for.
 */
export function addonsBeforeNodes(
  scope: Construct,
  props: ClusterProps,
  plane: ControlPlane,
): readonly EksAddon[] {
  const serviceAccount = 'aws-node';
  const { arn: roleArn, policies } = podRole(scope, props, plane, {
    component: 'vpc-cni',
    namespace: 'kube-system',
    serviceAccount,
    managed: ['AmazonEKS_CNI_Policy'],
  });
  const agent = addon(scope, props, plane, 'eks-pod-identity-agent', { dependsOn: [] });
  const network = addon(scope, props, plane, 'vpc-cni', {
    configurationValues: JSON.stringify({ enableNetworkPolicy: 'true' }),
    podIdentityAssociation: [{ roleArn, serviceAccount }],
    dependsOn: [agent, ...policies],
  });
  return [agent, network, addon(scope, props, plane, 'kube-proxy', { dependsOn: [] })];
}

/** What waits for nodes to run on: EKS calls a Deployment without them degraded. */
export function addonsAfterNodes(
  scope: Construct,
  props: ClusterProps,
  plane: ControlPlane,
  nodes: ITerraformDependable,
): void {
  const serviceAccount = 'ebs-csi-controller-sa';
  const { arn: roleArn, policies } = podRole(scope, props, plane, {
    component: 'ebs-csi',
    namespace: 'kube-system',
    serviceAccount,
    managed: ['service-role/AmazonEBSCSIDriverPolicy'],
  });
  addon(scope, props, plane, 'aws-ebs-csi-driver', {
    podIdentityAssociation: [{ roleArn, serviceAccount }],
    dependsOn: [nodes, ...policies],
  });
  addon(scope, props, plane, 'coredns', { dependsOn: [nodes] });
  addon(scope, props, plane, 'metrics-server', { dependsOn: [nodes] });
}
