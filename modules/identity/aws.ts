import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { tagsOf } from '../../lib/tags';
import { policyOf, type Statement } from '../iam/policy';
import type { IdentityProps } from './contract';
import { noEscalation, ownIdentities } from './guard';
import { deployRoleArn } from './names';
import { boundary, deployment, readOnly } from './policies';

const issuer = 'token.actions.githubusercontent.com';

/**
 * Declares how GitHub's workflows act: a role that plans and may only read, a role that deploys from the GitHub environment of
 * the same name, and the boundary of every role that deploying makes. Names follow modules/identity/names.ts.
 */
export function identity(scope: Construct, props: IdentityProps): void {
  const { environment, account, repository } = props;
  const oidcArn = `arn:aws:iam::${account}:oidc-provider/${issuer}`;
  const tagsFor = (name: string) => ({ ...tagsOf({ environment, layer: 'identity' }), Name: name });

  if (props.declaresOidcProvider) {
    // Without a thumbprint, which IAM does not look at for GitHub ("Configuring OpenID Connect in Amazon Web Services").
    new IamOpenidConnectProvider(scope, 'github', {
      url: `https://${issuer}`,
      clientIdList: ['sts.amazonaws.com'],
      tags: tagsFor(issuer),
      lifecycle: { preventDestroy: true },
    });
  }
  const role = (component: string, description: string, subjects: readonly string[], hours: number) => {
    const name = physicalName('iamRole', { environment, component });
    return new IamRole(scope, component, {
      name,
      description,
      assumeRolePolicy: policyOf(trust(oidcArn, repository, subjects)),
      maxSessionDuration: hours * 3600,
      tags: tagsFor(name),
    });
  };
  const allow = (id: string, { id: of }: IamRole, statements: readonly Statement[]) =>
    new IamRolePolicy(scope, id, {
      name: id.replaceAll('_', '-'),
      role: of,
      policy: policyOf(...statements),
    });

  // A fork's pull request has the same subject, and no token: GitHub gives its workflows no `id-token: write` ("GITHUB_TOKEN",
  // GitHub Docs). `main` is what production is deployed from.
  const plan = role('plan', `Plans ${environment}, reads only`, ['pull_request', 'ref:refs/heads/main'], 1);
  allow('plan_read', plan, readOnly(props));

  const boundaryName = physicalName('iamPolicy', { environment, component: 'boundary' });
  const limit = new IamPolicy(scope, 'boundary', {
    name: boundaryName,
    description: `The most that a role of ${environment} can do`,
    policy: policyOf(...boundary(props)),
    tags: tagsFor(boundaryName),
  });
  // Creating a pair of databases and a global datastore takes more than the hour that is the default.
  const deploy = role('deploy', `Deploys ${environment}`, [`environment:${environment}`], 3);
  allow('deploy_services', deploy, deployment(props));
  allow('deploy_identities', deploy, [
    ...ownIdentities(props),
    ...noEscalation(props, [oidcArn, plan.arn, deployRoleArn(account, environment), limit.arn]),
  ]);
}

/** Source: "Configuring OpenID Connect in Amazon Web Services", GitHub Docs. */
const trust = (oidcArn: string, repository: string, subjects: readonly string[]): Statement => ({
  Effect: 'Allow',
  Principal: { Federated: oidcArn },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: {
    StringEquals: {
      [`${issuer}:aud`]: 'sts.amazonaws.com',
      [`${issuer}:sub`]: subjects.map((subject) => `repo:${repository}:${subject}`),
    },
  },
});
