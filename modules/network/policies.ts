import { policyOf, type Statement } from '../iam/policy';

/*
 * Every statement of the network layer whose resource is `*`, each with its reason. None of them grants anything by itself: an
 * endpoint policy only narrows what a caller's own policies allow.
 */

/**
 * Lets only callers of the account through: credentials brought from elsewhere can't carry data out by this way. Source:
 * "aws:PrincipalAccount", AWS global condition context keys, AWS IAM User Guide.
 */
const ownCallers = (account: string): Statement => ({
  Sid: 'OwnCallers',
  Effect: 'Allow',
  Principal: '*',
  Action: '*',
  Resource: '*',
  Condition: { StringEquals: { 'aws:PrincipalAccount': account } },
});

/** The policy of every endpoint that has no reason for another. */
export const endpointPolicy = (account: string) => policyOf(ownCallers(account));

/**
 * As the others, and reading for anybody: image layers in ECR's own buckets are fetched by URLs that ECR's account signed, and
 * packages and public images without any credentials. Source: "Amazon ECR interface VPC endpoints (AWS PrivateLink)", Amazon
 * ECR User Guide.
 */
export const s3EndpointPolicy = (account: string) =>
  policyOf(ownCallers(account), {
    Sid: 'AnybodysReads',
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: '*',
  });

/** As the others, and roles for service accounts: a pod shows its token before it has any credentials. */
export const stsEndpointPolicy = (account: string) =>
  policyOf(ownCallers(account), {
    Sid: 'ServiceAccounts',
    Effect: 'Allow',
    Principal: '*',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Resource: `arn:aws:iam::${account}:role/*`,
  });
