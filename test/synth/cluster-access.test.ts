import { all, clusters, type Resources } from './clusters';
import { statementsOf } from './resources';

/** The statements of a role's own policy. */
const allowed = (resource: Resources, id: string) =>
  statementsOf(resource.aws_iam_role_policy?.[`${id}_policy`]?.policy);

const trusted = (resource: Resources, id: string) =>
  statementsOf(resource.aws_iam_role?.[`${id}_role`]?.assume_role_policy);

describe.each(clusters)('access of the cluster of $name in $region', (cluster) => {
  const { region, resource, environment, clusterName } = cluster;

  it.each([
    ['vpc_cni', 'kube-system', 'aws-node'],
    ['ebs_csi', 'kube-system', 'ebs-csi-controller-sa'],
    ['load_balancer_controller', 'kube-system', 'aws-load-balancer-controller'],
    ['workload', 'tandem', 'reference'],
  ])('gives the role %s to the pods of %s/%s in this cluster only', (id, namespace, serviceAccount) => {
    expect(trusted(resource, id)).toMatchObject([
      {
        Principal: { Service: 'pods.eks.amazonaws.com' },
        Condition: {
          StringEquals: {
            'aws:RequestTag/eks-cluster-arn': `arn:aws:eks:${region}:${environment.account}:cluster/${clusterName}`,
            'aws:RequestTag/kubernetes-namespace': namespace,
            'aws:RequestTag/kubernetes-service-account': serviceAccount,
          },
        },
      },
    ]);
    const roleArn = `\${aws_iam_role.${id}_role.arn}`;
    const associations = [
      ...all(resource, 'aws_eks_pod_identity_association'),
      ...all(resource, 'aws_eks_addon').flatMap(
        ({ pod_identity_association }) => pod_identity_association ?? [],
      ),
    ];
    expect(associations).toContainEqual(
      expect.objectContaining({ role_arn: roleArn, service_account: serviceAccount }),
    );
  });

  it('lets the workload read its secret, connect to its cache and put metrics, but stand no region down', () => {
    const placeholder = (service: string, rest: string) =>
      `arn:aws:${service}:${region}:${environment.account}:${rest}`;
    expect(allowed(resource, 'workload')).toEqual([
      {
        Effect: 'Allow',
        Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        Resource: [placeholder('secretsmanager', 'secret:tandem-placeholder-database-??????')],
      },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt'],
        Resource: [placeholder('kms', 'key/00000000-0000-4000-8000-000000000001')],
        Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
      },
      {
        Effect: 'Allow',
        Action: ['elasticache:Connect'],
        Resource: [
          placeholder('elasticache', 'replicationgroup:tandem-placeholder'),
          placeholder('elasticache', 'user:tandem-placeholder'),
        ],
      },
      {
        Effect: 'Allow',
        Action: ['cloudwatch:PutMetricData'],
        Resource: ['*'],
        // In `Tandem` it could put the data point that closes a latch.
        Condition: { StringEquals: { 'cloudwatch:namespace': 'Tandem/Workload' } },
      },
    ]);
  });

  it('lets the controller change the target group and nothing else', () => {
    const changes = allowed(resource, 'load_balancer_controller').filter(({ Action }) =>
      Action?.some((action) => !action.includes(':Describe')),
    );
    expect(changes).toEqual([
      {
        Effect: 'Allow',
        Action: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
        Resource: ['${aws_lb_target_group.pods.arn}'],
      },
    ]);
  });

  it('lets volumes be encrypted for Auto Scaling and the CSI driver through EC2, and for nobody else', () => {
    const anybodys = statementsOf(resource.aws_kms_key?.cluster_key?.policy).filter(
      ({ Principal }) => JSON.stringify(Principal) === '{"AWS":"*"}',
    );
    expect(anybodys).toHaveLength(2);
    const role = `arn:aws:iam::${environment.account}:role/`;
    for (const { Condition } of anybodys) {
      expect(Condition).toMatchObject({
        StringEquals: { 'kms:ViaService': `ec2.${region}.amazonaws.com` },
        ArnEquals: {
          'aws:PrincipalArn': [
            `${role}aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
            `${role}${String(resource.aws_iam_role?.ebs_csi_role?.name)}`,
          ],
        },
      });
    }
  });
});
