import { EksPodIdentityAssociation } from '@cdktf/provider-aws/lib/eks-pod-identity-association';
import type { Construct } from 'constructs';
import { policyOf, unscoped, type Statement } from '../iam/policy';
import { named } from '../named';
import type { ClusterProps, ControlPlane } from './contract';
import { role } from '../iam/role';

interface PodIdentity {
  /** What it is in the names of its role. */
  readonly component: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** AWS's own policies, as they follow `arn:aws:iam::aws:policy/`. */
  readonly managed?: readonly string[];
  readonly statements?: readonly Statement[];
}

/**
 * A role for the pods of one service account in this cluster, and for nobody else. Source: "Grant Pods access to AWS
 * resources based on tags" (of EKS Pod Identity sessions), Amazon EKS User Guide.
 */
export function podRole(
  scope: Construct,
  props: ClusterProps,
  { arn }: ControlPlane,
  { component, namespace, serviceAccount, ...policies }: PodIdentity,
) {
  const trust = policyOf({
    Effect: 'Allow',
    Principal: { Service: 'pods.eks.amazonaws.com' },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: {
      StringEquals: {
        'aws:RequestTag/eks-cluster-arn': arn,
        'aws:RequestTag/kubernetes-namespace': namespace,
        'aws:RequestTag/kubernetes-service-account': serviceAccount,
      },
    },
  });
  return role(scope, component, props, { trust, ...policies });
}

/**
 * The load balancer controller, which puts pods into the one target group and makes nothing: the load balancer and its
 * security group are Terraform's. It runs without metadata of its node, so it has to be told its region and VPC.
 */
export function controllerIdentity(scope: Construct, props: ClusterProps, plane: ControlPlane): void {
  associate(scope, props, plane, {
    component: 'load-balancer-controller',
    namespace: 'kube-system',
    serviceAccount: 'aws-load-balancer-controller',
    statements: [
      {
        Effect: 'Allow',
        Action: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
        Resource: props.loadBalancer.targetGroupArn,
      },
      unscoped([
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeVpcs',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
      ]),
    ],
  });
}

/**
 * The workload: its database's secret, its cache, and metrics. Not in the namespace `Tandem`, where a data point stands a
 * region down.
 */
export function workloadIdentity(scope: Construct, props: ClusterProps, plane: ControlPlane): void {
  const { namespace, serviceAccount, databaseSecretArn, secretsKeyArn, cacheArn, cacheUserArn } =
    props.workload;
  associate(scope, props, plane, {
    component: 'workload',
    namespace,
    serviceAccount,
    statements: [
      {
        Effect: 'Allow',
        Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        Resource: databaseSecretArn,
      },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: secretsKeyArn,
        Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${props.region}.amazonaws.com` } },
      },
      { Effect: 'Allow', Action: 'elasticache:Connect', Resource: [cacheArn, cacheUserArn] },
      unscoped(['cloudwatch:PutMetricData'], { StringEquals: { 'cloudwatch:namespace': 'Tandem/Workload' } }),
    ],
  });
}

function associate(scope: Construct, props: ClusterProps, plane: ControlPlane, identity: PodIdentity): void {
  const { component, namespace, serviceAccount } = identity;
  const { arn: roleArn, policies } = podRole(scope, props, plane, identity);
  new EksPodIdentityAssociation(scope, `${component.replaceAll('-', '_')}_identity`, {
    clusterName: plane.cluster.name,
    namespace,
    serviceAccount,
    roleArn,
    tags: named('nameTag', props, component).tags,
    dependsOn: policies,
  });
}
