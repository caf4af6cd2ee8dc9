import { unscopedActions } from '../../../modules/iam/policy';
import { at, refersTo, statementsOf, type Declared, type Graph, type PolicyStatement } from '../resources';
import { openStatements, wildcardStatements } from './exceptions';

const identityPolicies: readonly string[] = ['aws_iam_policy', 'aws_iam_role_policy'];

interface Found {
  readonly resource: Declared;
  readonly statement: PolicyStatement;
  /** As exceptions.ts names it. */
  readonly name: string;
}

/** Every statement that allows something. */
const allowing = ({ resources }: Graph): readonly Found[] =>
  resources.flatMap((resource) =>
    ['policy', 'assume_role_policy']
      .flatMap((attribute) => statementsOf(resource.attributes[attribute]))
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => ({
        resource,
        statement,
        name: `${resource.type}.${resource.id} ${statement.Sid ?? ''}`.trimEnd(),
      })),
  );

/** `*`, or an ARN that ends where its resource should be. */
const isWildcard = (arn: string): boolean => /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*)$/.test(arn);

const everybody: readonly unknown[] = ['*', '{"AWS":"*"}'];

/** The sides of a security group that the world can reach, inline or as rules of their own. */
function openIngress(resource: Declared): readonly unknown[] {
  const inline = ['aws_security_group', 'aws_default_security_group'].includes(resource.type)
    ? [resource.attributes.ingress ?? []].flat()
    : [];
  const own =
    resource.type === 'aws_vpc_security_group_ingress_rule' ||
    (resource.type === 'aws_security_group_rule' && resource.attributes.type === 'ingress')
      ? [resource.attributes]
      : [];
  return [...inline, ...own].filter((rule) =>
    ['cidr_ipv4', 'cidr_ipv6', 'cidr_blocks', 'ipv6_cidr_blocks'].some((attribute) =>
      [at(rule, attribute)].flat(2).some((cidr) => cidr === '0.0.0.0/0' || cidr === '::/0'),
    ),
  );
}

export const accessInvariants = {
  'allows actions on * only where AWS knows no other resource, or where the reason is listed': (
    graph: Graph,
  ) =>
    allowing(graph).flatMap(({ resource, statement: { Action, NotAction, Resource, NotResource }, name }) => {
      if (!identityPolicies.includes(resource.type)) return [];
      if (NotAction || NotResource) return [`${resource.address}: allows all but something`];
      if (Resource?.some(isWildcard) !== true || name in wildcardStatements) return [];
      return (Action ?? [])
        .filter((action) => !(action in unscopedActions))
        .map((action) => `${resource.address}: ${action}`);
    }),

  'opens no resource policy to everybody without a condition': (graph: Graph) =>
    allowing(graph)
      .filter(
        ({ resource, statement: { Principal, Condition }, name }) =>
          !identityPolicies.includes(resource.type) &&
          everybody.includes(typeof Principal === 'string' ? Principal : JSON.stringify(Principal)) &&
          Condition === undefined &&
          !(name in openStatements),
      )
      .map(({ resource, statement }) => `${resource.address}: ${statement.Sid ?? 'a statement without Sid'}`),

  'opens security groups to the world on 443 of a public load balancer alone': ({ resources }: Graph) => {
    const isPublicEdge = (group: unknown, rule: Declared): boolean =>
      resources
        .filter(({ type, stack }) => type === 'aws_security_group' && stack === rule.stack)
        .filter((each) => typeof group === 'string' && group.startsWith(`\${aws_security_group.${each.id}.`))
        .some((each) =>
          resources.some(
            (balancer) =>
              balancer.type === 'aws_lb' &&
              balancer.attributes.internal !== true &&
              refersTo(balancer, each, 'security_groups'),
          ),
        );
    return resources.flatMap((resource) =>
      openIngress(resource)
        .filter(
          (rule) =>
            at(rule, 'from_port') !== 443 ||
            at(rule, 'to_port') !== 443 ||
            !isPublicEdge(at(rule, 'security_group_id') ?? `\${aws_security_group.${resource.id}.`, resource),
        )
        .map(() => resource.address),
    );
  },
};
