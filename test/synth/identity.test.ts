import { services } from '../../modules/identity/services';
import { bootstrapLayers } from '../../stacks/aws-stack';
import { awsDeployments, bytesOf, stackOf } from './graph';
import { bothWays, graphOf, type PolicyStatement, statementsOf } from './resources';

const graphs = awsDeployments.map((deployment) => ({
  name: deployment.environment.name,
  graph: graphOf(deployment),
}));
const issuer = 'token.actions.githubusercontent.com';

it('declares GitHub’s OIDC provider once an account', () => {
  const accounts = awsDeployments.map(({ environment }) => environment.account);
  const declared = graphs.flatMap(({ graph: { deployment, resources } }) =>
    resources
      .filter(({ layer, type }) => layer === 'identity' && type === 'aws_iam_openid_connect_provider')
      .map(() => (deployment.environment.target === 'aws' ? deployment.environment.account : '')),
  );
  expect(declared.toSorted()).toEqual([...new Set(accounts)].toSorted());
});

/** Whose actions make a type of resource, by its first word after `aws_`, where that is not the service itself. */
const servicesByWord: Readonly<Record<string, string>> = {
  cloudwatch_log: 'logs',
  db: 'rds',
  default: 'ec2',
  eip: 'ec2',
  flow: 'ec2',
  internet: 'ec2',
  launch: 'ec2',
  lb: 'elasticloadbalancing',
  nat: 'ec2',
  network: 'ec2',
  route: 'ec2',
  security: 'ec2',
  subnet: 'ec2',
  vpc: 'ec2',
};

it('lets the deploy role use the services that stacks are made of, and no other', () => {
  const types = graphs.flatMap(({ graph }) =>
    graph.resources.filter(({ layer }) => !bootstrapLayers.includes(layer)).map(({ type }) => type),
  );
  const used = types.map((type) => {
    const [, word = ''] = /^aws_(cloudwatch_log|[a-z0-9]+)/.exec(type) ?? [];
    return servicesByWord[word] ?? word;
  });
  expect([...new Set(used)].filter((service) => service !== 'iam').toSorted()).toEqual(Object.keys(services));
});

const matches = (pattern: string, value: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.?+^$()[\]{}|\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(value);

/** What IAM answers, as far as it depends on actions and resources: conditions count as met. */
function answer(
  statements: readonly PolicyStatement[],
  action: string,
  resource: string,
): 'allowed' | 'denied' {
  const applying = statements.filter(
    ({ Action = [], Resource = [] }) =>
      Action.some((each) => matches(each, action)) && Resource.some((each) => matches(each, resource)),
  );
  const allowed =
    applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny');
  return allowed ? 'allowed' : 'denied';
}

describe.each(graphs)('identities of $name', ({ name, graph: { deployment, resources } }) => {
  const identity = resources.filter(({ layer }) => layer === 'identity');
  const [first] = deployment.environment.regions;
  const account = '111122223333';
  const role = (id: string) => identity.find(({ type, id: own }) => type === 'aws_iam_role' && own === id);
  const policies = (id: string) =>
    identity
      .filter(
        ({ type, attributes }) =>
          type === 'aws_iam_role_policy' && attributes.role === `\${aws_iam_role.${id}.id}`,
      )
      // Terraform knows the ARNs of what it declares here; IAM gets them in full.
      .map(({ attributes }) =>
        String(attributes.policy)
          .replaceAll('${aws_iam_role.plan.arn}', `arn:aws:iam::${account}:role/tandem-${name}-global-plan`)
          .replaceAll(
            '${aws_iam_policy.boundary.arn}',
            `arn:aws:iam::${account}:policy/tandem-${name}-global-boundary`,
          ),
      );
  const statements = (id: string) => policies(id).flatMap(statementsOf);
  const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`;
  const state = `arn:aws:s3:::tandem-${name}-${first}-state-${account}`;
  const backup = `arn:aws:s3:::tandem-${name}-${first}-state-backup-${account}`;
  const stateKey = `arn:aws:kms:${first}:${account}:key/00000000-0000-4000-8000-000000000002`;
  const stateLocks = `arn:aws:dynamodb:${first}:${account}:table/tandem-${name}-${first}-state-locks`;
  const ours = `tandem-${name}-${first}-nodes`;

  it.each([
    ['plan', ['repo:example/tandem:pull_request', 'repo:example/tandem:ref:refs/heads/main']],
    ['deploy', [`repo:example/tandem:environment:${name}`]],
  ])('lets %s be assumed by these workflows of the repository and nobody else', (id, subjects) => {
    expect(statementsOf(role(id)?.attributes.assume_role_policy)).toEqual([
      {
        Effect: 'Allow',
        Principal: { Federated: arn(`oidc-provider/${issuer}`) },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: subjects } },
      },
    ]);
  });

  it.each([
    ['allowed', 'rds:DescribeDBInstances', '*'],
    ['allowed', 's3:GetObject', `${state}/network.tfstate`],
    ['allowed', 's3:GetBucketPolicy', `arn:aws:s3:::tandem-${name}-${first}-static`],
    ['denied', 's3:GetObject', `arn:aws:s3:::tandem-${name}-${first}-static/index.html`],
    ['denied', 's3:PutObject', `${state}/network.tfstate`],
    ['denied', 'secretsmanager:GetSecretValue', `arn:aws:secretsmanager:${first}:${account}:secret:any`],
    ['denied', 'kms:Decrypt', `arn:aws:kms:${first}:${account}:key/another`],
    [
      'allowed',
      'dynamodb:GetItem',
      `arn:aws:dynamodb:${first}:${account}:table/tandem-${name}-${first}-state-locks`,
    ],
    ['denied', 'dynamodb:GetItem', `arn:aws:dynamodb:${first}:${account}:table/another`],
    ['denied', 'rds:DeleteDBInstance', '*'],
    ['denied', 'iam:CreateRole', arn(`role/${ours}`)],
  ])('has %s to plan: %s on %s', (expected, action, resource) => {
    expect(answer(statements('plan'), action, resource)).toBe(expected);
  });

  it.each([
    ['allowed', 'rds:CreateDBInstance', '*'],
    ['allowed', 's3:PutObject', `${state}/network.tfstate`],
    ['allowed', 'iam:CreateRole', arn(`role/${ours}`)],
    ['allowed', 'iam:PassRole', arn(`role/${ours}`)],
    ['denied', 'iam:CreateRole', arn('role/tandem-another-us-east-1-nodes')],
    ['denied', 'iam:CreateRole', arn(`role/tandem-${name}-2-us-east-1-nodes`)],
    ['denied', 'iam:CreateUser', arn('user/somebody')],
    ['denied', 'iam:CreateAccessKey', arn('user/somebody')],
    ['denied', 'iam:PutRolePolicy', arn(`role/tandem-${name}-global-deploy`)],
    ['denied', 'iam:UpdateAssumeRolePolicy', arn(`role/tandem-${name}-global-plan`)],
    ['denied', 'iam:PassRole', arn(`role/tandem-${name}-global-deploy`)],
    ['denied', 'iam:CreatePolicyVersion', arn(`policy/tandem-${name}-global-boundary`)],
    ['denied', 'iam:DeleteRolePermissionsBoundary', arn(`role/${ours}`)],
    ['denied', 'iam:UpdateOpenIDConnectProviderThumbprint', arn(`oidc-provider/${issuer}`)],
    ['denied', 's3:DeleteBucket', state],
    ['denied', 's3:PutBucketPolicy', state],
    ['denied', 's3:DeleteObjectVersion', `${state}/network.tfstate`],
    ['denied', 's3:DeleteObject', `${backup}/network.tfstate`],
    ['denied', 'kms:ScheduleKeyDeletion', stateKey],
    ['allowed', 'dynamodb:PutItem', stateLocks],
    ['denied', 'dynamodb:DeleteTable', stateLocks],
    ['denied', 'dynamodb:UpdateTable', stateLocks],
    ['denied', 'sts:AssumeRole', arn('role/another')],
    ['denied', 'organizations:LeaveOrganization', '*'],
  ])('has %s to deploy: %s on %s', (expected, action, resource) => {
    expect(answer(statements('deploy'), action, resource)).toBe(expected);
  });

  it('lets roles be changed only inside the boundary, and passed only to services that stacks give them to', () => {
    const condition = (sid: string) => statements('deploy').find(({ Sid }) => Sid === sid)?.Condition;
    expect(condition('BoundedRoles')).toEqual({
      StringEquals: { 'iam:PermissionsBoundary': arn(`policy/tandem-${name}-global-boundary`) },
    });
    const given = resources
      .filter(({ type, layer }) => type === 'aws_iam_role' && !bootstrapLayers.includes(layer))
      .flatMap(({ attributes }) => statementsOf(attributes.assume_role_policy))
      .flatMap(({ Principal }) => JSON.stringify(Principal).match(/[\w.-]+\.amazonaws\.com/g) ?? []);
    const taken = condition('PassRoles')?.StringEquals?.['iam:PassedToService'];
    expect(taken).toEqual([...new Set(given)].toSorted());
  });

  const limit = identity.flatMap(({ type, attributes }) =>
    type === 'aws_iam_policy' ? statementsOf(attributes.policy) : [],
  );
  const roles = resources.filter(({ type }) => type === 'aws_iam_role');

  it('bounds every role that it deploys', () => {
    const bounded = roles.filter(({ layer }) => !bootstrapLayers.includes(layer));
    expect(bounded.length).toBeGreaterThan(2);
    for (const { attributes } of bounded) {
      expect(attributes.permissions_boundary).toBe(arn(`policy/tandem-${name}-global-boundary`));
    }
  });

  it('bounds no role so that it can not do what its own policies are for', () => {
    const bounded = roles.filter(({ attributes }) => attributes.permissions_boundary !== undefined);
    const kept = resources.filter(
      ({ type, stack }) => type === 'aws_iam_role_policy' && bounded.some((each) => each.stack === stack),
    );
    expect(kept.length).toBeGreaterThan(2);
    for (const { address, attributes } of kept) {
      for (const { Action = [], Resource = [] } of statementsOf(attributes.policy)) {
        const refused = Action.flatMap((action) =>
          Resource.map((resource) => ({ address, action, resource })),
        ).filter(({ action, resource }) => answer(limit, action, resource) === 'denied');
        expect(refused).toEqual([]);
      }
    }
  });

  it('caps bounded roles: no IAM, no state', () => {
    expect(answer(limit, 'ec2:CreateNetworkInterface', '*')).toBe('allowed');
    for (const [action, resource] of [
      ['iam:CreateRole', arn(`role/${ours}`)],
      ['sts:AssumeRole', arn(`role/tandem-${name}-global-deploy`)],
      ['s3:GetObject', `${state}/data.tfstate`],
      ['kms:Decrypt', stateKey],
    ] as const) {
      expect(answer(limit, action, resource)).toBe('denied');
    }
  });

  // "IAM and AWS STS quotas", AWS IAM User Guide: characters without white space.
  it('keeps its policies within IAM’s sizes', () => {
    const size = (policy: string) => policy.replaceAll(/\s/g, '').length;
    for (const id of ['plan', 'deploy']) {
      expect(policies(id).length).toBeGreaterThan(0);
      expect(policies(id).reduce((sum, policy) => sum + size(policy), 0)).toBeLessThan(10_240);
    }
    const managed = identity.filter(({ type }) => type === 'aws_iam_policy');
    expect(managed).toHaveLength(1);
    for (const { attributes } of managed) expect(size(String(attributes.policy))).toBeLessThan(6_144);
  });

  it('does not depend on which region is active', () => {
    const [one, other] = bothWays(deployment).map((roles) => bytesOf(stackOf(roles, 'identity')));
    expect(one).toBe(other);
  });
});
