import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import type { Construct } from 'constructs';
import { policyOf, type Statement } from './policy';
import { named, type Place } from '../named';

interface RoleProps {
  /** Its trust policy. */
  readonly trust: string;
  /** AWS's own policies, as they follow `arn:aws:iam::aws:policy/`. */
  readonly managed?: readonly string[];
  /** What it may do besides. */
  readonly statements?: readonly Statement[];
}

/** A role and its policies, on which whatever runs with them has to depend. */
export function role(
  scope: Construct,
  component: string,
  place: Place,
  { trust, managed = [], statements = [] }: RoleProps,
) {
  const id = component.replaceAll('-', '_');
  const { arn, name } = new IamRole(scope, `${id}_role`, {
    ...named('iamRole', place, component),
    assumeRolePolicy: trust,
  });
  const attached = managed.map(
    (policy) =>
      new IamRolePolicyAttachment(scope, `${id}_${policy.replace(/^.*\//, '')}`, {
        role: name,
        policyArn: `arn:aws:iam::aws:policy/${policy}`,
      }),
  );
  const own =
    statements.length === 0
      ? []
      : [
          new IamRolePolicy(scope, `${id}_policy`, {
            role: name,
            name: component,
            policy: policyOf(...statements),
          }),
        ];
  return { arn, policies: [...attached, ...own] };
}
