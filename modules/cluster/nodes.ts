import { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { versions } from '../../lib/versions';
import { assumedBy } from '../iam/policy';
import { named } from '../named';
import type { ClusterProps, ControlPlane } from './contract';
import { role } from '../iam/role';

/** GiB; images and container logs of the 35 pods that a t3.large can run. */
const rootVolumeSize = 50;

/**
 * Declares the managed nodes: as many in a standby as in the active region, because launches are throttled when a region
 * fails.
 */
export function nodes(
  scope: Construct,
  props: ClusterProps,
  plane: ControlPlane,
  needed: readonly ITerraformDependable[],
): EksNodeGroup {
  const { instanceType, minNodes, maxNodes } = props.nodes;
  // Networking, volumes and Session Manager are not among them: pods that need AWS have identities of their own.
  const { arn: nodeRoleArn, policies } = role(scope, 'node', props, {
    trust: assumedBy('ec2.amazonaws.com'),
    managed: ['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly'],
  });
  const template = launchTemplate(scope, props, plane);
  const { name, tags } = named('eksNodeGroup', props, 'nodes');

  return new EksNodeGroup(scope, 'nodes', {
    clusterName: plane.cluster.name,
    nodeGroupName: name,
    nodeRoleArn,
    // One group over all zones: Auto Scaling balances them, and a lost zone's nodes are started in the others.
    subnetIds: props.subnetIds,
    amiType: isGraviton(instanceType) ? 'AL2023_ARM_64_STANDARD' : 'AL2023_x86_64_STANDARD',
    version: versions.kubernetes,
    releaseVersion: versions.eksNodes,
    launchTemplate: { id: template.id, version: template.getStringAttribute('latest_version') },
    scalingConfig: { minSize: minNodes, maxSize: maxNodes, desiredSize: minNodes },
    // A zone's worth at a time.
    updateConfig: { maxUnavailablePercentage: 33 },
    tags,
    lifecycle: { ignoreChanges: ['scaling_config[0].desired_size'] },
    dependsOn: [...policies, ...needed],
  });
}

function launchTemplate(scope: Construct, props: ClusterProps, { cluster, key }: ControlPlane) {
  const { name, tags } = named('launchTemplate', props, 'nodes');
  return new LaunchTemplate(scope, 'nodes_template', {
    name,
    // Here and not in the node group, where another type would replace the group: so it is a rolling update.
    instanceType: props.nodes.instanceType,
    updateDefaultVersion: true,
    // A template that names any group has to name the cluster's own too ("Customize managed nodes with launch
    // templates", Amazon EKS User Guide).
    vpcSecurityGroupIds: [cluster.vpcConfig.clusterSecurityGroupId, ...props.nodes.clientSecurityGroupIds],
    // One hop: a pod has an address of its own, so that the node's credentials end at the node.
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
    monitoring: { enabled: true },
    blockDeviceMappings: [
      {
        deviceName: '/dev/xvda',
        ebs: {
          volumeType: 'gp3',
          volumeSize: rootVolumeSize,
          encrypted: 'true',
          kmsKeyId: key.arn,
          deleteOnTermination: 'true',
        },
      },
    ],
    // The node group's tags end at the group.
    tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
      resourceType,
      tags: { ...tags },
    })),
    tags,
  });
}

/** A family whose letters after the generation hold a g, as in t4g and c7gn ("Amazon EC2 instance type naming conventions"). */
const isGraviton = (instanceType: string): boolean => /^[a-z]+\d+[a-z]*g[a-z]*\./.test(instanceType);
