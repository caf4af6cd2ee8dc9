import { z } from 'zod';
import type { AwsEnvironment } from '../../environments';
import { versions } from '../../lib/versions';
import { all, clusters } from './clusters';
import { awsDeployments, bytesOf, configurationOf, stackOf, synthesized } from './graph';
import { bothWays } from './resources';

it('is a stack in each region of each environment', () => {
  const places = awsDeployments.flatMap(({ environment: { name, regions } }) =>
    regions.map((region) => `tandem-${name}-${region}-cluster`),
  );
  expect(clusters.map(({ stack }) => stack.name)).toEqual(places);
  expect(places.length).toBeGreaterThan(0);
});

it.each(awsDeployments.map((deployment) => ({ name: deployment.environment.name, deployment })))(
  'is the same bytes in both regions of $name whichever is active',
  ({ deployment }) => {
    const [one, other] = bothWays(deployment).map((each) =>
      synthesized([each])
        .filter(({ layer }) => layer === 'cluster')
        .map(bytesOf),
    );
    expect(one).toHaveLength(2);
    expect(one).toEqual(other);
  },
);

/** The first region's cluster of an environment with some fields of it changed. */
const changed = (cluster: Partial<AwsEnvironment['cluster']>) =>
  awsDeployments.slice(0, 1).map(({ environment, ...more }) => {
    const deployment = {
      ...more,
      environment: { ...environment, cluster: { ...environment.cluster, ...cluster } },
    };
    return configurationOf(stackOf(deployment, 'cluster', environment.regions[0])).resource;
  });

it('opens the API server to the networks that are listed, and to them only', () => {
  const publicAccessCidrs = ['203.0.113.0/24'];
  expect(changed({ publicAccessCidrs })).toMatchObject([
    {
      aws_eks_cluster: {
        cluster: {
          vpc_config: {
            endpoint_private_access: true,
            endpoint_public_access: true,
            public_access_cidrs: publicAccessCidrs,
          },
        },
      },
    },
  ]);
});

it.each([
  ['t4g.large', 'AL2023_ARM_64_STANDARD'],
  ['c7gn.xlarge', 'AL2023_ARM_64_STANDARD'],
  ['g4dn.xlarge', 'AL2023_x86_64_STANDARD'],
])('starts %s from %s', (instanceType, ami_type) => {
  expect(changed({ instanceType })).toMatchObject([{ aws_eks_node_group: { nodes: { ami_type } } }]);
});

describe.each(clusters)('the cluster of $name in $region', (cluster) => {
  const { name, peer, stack, resource, environment, clusterName } = cluster;
  const key = '${aws_kms_key.cluster_key.arn}';

  it('runs the chosen Kubernetes, reached from inside the VPC only', () => {
    expect(resource.aws_eks_cluster?.cluster).toMatchObject({
      name: clusterName,
      version: versions.kubernetes,
      vpc_config: { endpoint_private_access: true, endpoint_public_access: false },
    });
  });

  it('has the deploy role as its only administrator', () => {
    const principal = `arn:aws:iam::${environment.account}:role/tandem-${name}-global-deploy`;
    expect(resource.aws_eks_cluster?.cluster?.access_config).toEqual({
      authentication_mode: 'API',
      bootstrap_cluster_creator_admin_permissions: false,
    });
    expect(all(resource, 'aws_eks_access_entry')).toMatchObject([{ principal_arn: principal }]);
    expect(all(resource, 'aws_eks_access_policy_association')).toHaveLength(1);
  });

  it('encrypts objects, logs and node volumes with keys of its own that rotate', () => {
    expect(resource.aws_eks_cluster?.cluster?.encryption_config).toEqual({
      provider: { key_arn: key },
      resources: ['secrets'],
    });
    expect(resource.aws_cloudwatch_log_group?.control_plane_logs?.kms_key_id).toBe(key);
    expect(resource.aws_launch_template?.nodes_template?.block_device_mappings).toMatchObject([
      { ebs: { volume_type: 'gp3', encrypted: 'true', kms_key_id: key } },
    ]);
    expect(resource.aws_ecr_repository?.repository?.encryption_configuration).toEqual([
      { encryption_type: 'KMS', kms_key: '${aws_kms_key.registry_key.arn}' },
    ]);
    const keys = all(resource, 'aws_kms_key');
    expect(keys).toHaveLength(2);
    for (const each of keys) expect(each.enable_key_rotation).toBe(true);
  });

  it('keeps every control-plane log, where EKS writes it', () => {
    expect(resource.aws_eks_cluster?.cluster?.enabled_cluster_log_types).toEqual([
      'api',
      'audit',
      'authenticator',
      'controllerManager',
      'scheduler',
    ]);
    expect(resource.aws_cloudwatch_log_group?.control_plane_logs).toMatchObject({
      name: `/aws/eks/${clusterName}/cluster`,
      retention_in_days: environment.logRetentionDays,
    });
    expect(resource.aws_eks_cluster?.cluster?.depends_on).toContain(
      'aws_cloudwatch_log_group.control_plane_logs',
    );
  });

  it('has the nodes of an active region, of any role, in three zones', () => {
    const { minNodes, maxNodes, instanceType } = environment.cluster;
    const nodes = resource.aws_eks_node_group?.nodes;
    expect(nodes).toMatchObject({
      ami_type: 'AL2023_x86_64_STANDARD',
      release_version: versions.eksNodes,
      scaling_config: { min_size: minNodes, max_size: maxNodes, desired_size: minNodes },
      lifecycle: { ignore_changes: ['scaling_config[0].desired_size'] },
    });
    expect(nodes?.subnet_ids).toHaveLength(3);
    expect(versions.eksNodes.startsWith(`${versions.kubernetes}.`)).toBe(true);
    expect(resource.aws_launch_template?.nodes_template?.instance_type).toBe(instanceType);
    expect(nodes).not.toHaveProperty('instance_types');
  });

  it('keeps a node’s credentials from its pods, and lets nobody log in', () => {
    const template = resource.aws_launch_template?.nodes_template;
    expect(template).toMatchObject({
      metadata_options: { http_tokens: 'required', http_put_response_hop_limit: 1 },
      monitoring: { enabled: true },
    });
    expect(template).not.toHaveProperty('key_name');
    expect(resource.aws_eks_node_group?.nodes).not.toHaveProperty('remote_access');
  });

  it('lets the nodes’ pods reach database and cache by the groups of the data layer', () => {
    expect(resource.aws_launch_template?.nodes_template?.vpc_security_group_ids).toEqual([
      '${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}',
      'sg-00000000000000001',
      'sg-00000000000000002',
    ]);
  });

  it('pins every add-on, and has what nodes need before they start', () => {
    expect(resource.aws_eks_cluster?.cluster?.bootstrap_self_managed_addons).toBe(false);
    const addons = all(resource, 'aws_eks_addon');
    expect(
      Object.fromEntries(addons.map(({ addon_name, addon_version }) => [addon_name, addon_version])),
    ).toEqual(versions.eksAddons);
    expect(versions.eksAddons['kube-proxy'].startsWith(`v${versions.kubernetes}.`)).toBe(true);
    expect(JSON.parse(String(resource.aws_eks_addon?.addon_vpc_cni?.configuration_values))).toEqual({
      enableNetworkPolicy: 'true',
    });

    const needed = z.array(z.string()).parse(resource.aws_eks_node_group?.nodes?.depends_on);
    const before = Object.keys(resource.aws_eks_addon ?? {}).filter((id) =>
      needed.includes(`aws_eks_addon.${id}`),
    );
    expect(before.sort()).toEqual(['addon_eks_pod_identity_agent', 'addon_kube_proxy', 'addon_vpc_cni']);
    for (const [id, { depends_on }] of Object.entries(resource.aws_eks_addon ?? {})) {
      if (!before.includes(id)) expect(depends_on).toContain('aws_eks_node_group.nodes');
    }
  });

  it('names its peer nowhere but as the destination of images', () => {
    expect(bytesOf(stack).split(peer)).toHaveLength(2);
  });
});
