/*
 * What the invariants let pass, each with its reason. Actions that AWS knows no resource for are in modules/iam/policy.ts.
 */

/** IAM statements on `*`, by resource and Sid. */
export const wildcardStatements: Readonly<Record<string, string>> = {
  'aws_iam_policy.boundary Services': 'a boundary allows nothing by itself: it caps what policies may allow',
  'aws_iam_role_policy.deploy_services ReadIam':
    'a plan reads every role that it manages, and AWS’s own policies',
  'aws_iam_role_policy.deploy_services Services':
    'creating what a service has takes actions on ids that AWS makes; services and regions are listed (modules/identity/services.ts)',
  'aws_iam_role_policy.plan_read Configuration':
    'reads configuration without data, in the environment’s regions',
};

/** Statements of resource policies for everybody without a condition, by resource and Sid. */
export const openStatements: Readonly<Record<string, string>> = {
  'aws_vpc_endpoint.endpoint_s3 AnybodysReads':
    'an endpoint policy grants nothing: nodes read AWS’s own buckets (image layers, packages), whose owner is not us',
  'aws_vpc_endpoint.endpoint_sts ServiceAccounts':
    'an endpoint policy grants nothing: a pod that takes its role by web identity has no AWS principal yet',
};

/** Buckets without a KMS key of ours. */
export const bucketsWithoutOwnKey: Readonly<Record<string, string>> = {
  access_logs:
    'Elastic Load Balancing delivers to SSE-S3 alone ("Enable access logs for your Application Load Balancer")',
};
