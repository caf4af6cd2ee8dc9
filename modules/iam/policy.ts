/** A statement of an IAM or resource policy, in IAM's own words. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy document. Tokens in it resolve as in any other string. */
export const policyOf = (...statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

/** Who may assume a role: one AWS service. */
export const assumedBy = (service: string): string =>
  policyOf({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });

const describeEc2 = 'EC2 defines no resource types for Describe actions';
const describeElb = 'Elastic Load Balancing defines no resource types for Describe actions';

/**
 * Every action that Tandem allows on `*`, with the reason why AWS can't scope it. Source: "Actions, resources, and
 * condition keys for AWS services", Service Authorization Reference.
 */
export const unscopedActions = {
  'cloudwatch:GetMetricData': 'a metric is no resource',
  'cloudwatch:PutMetricData': 'a metric is no resource; cloudwatch:namespace narrows it',
  'ecr:GetAuthorizationToken':
    'a token is for the whole registry; what it opens, policies on repositories say',
  'ec2:DescribeAvailabilityZones': describeEc2,
  'ec2:DescribeSecurityGroups': describeEc2,
  'ec2:DescribeVpcs': describeEc2,
  'elasticloadbalancing:DescribeTargetGroups': describeElb,
  'elasticloadbalancing:DescribeTargetHealth': describeElb,
} as const;

/** The only way to a statement on `*`: for actions that AWS can't scope. */
export const unscoped = (
  actions: readonly (keyof typeof unscopedActions)[],
  condition?: Statement['Condition'],
): Statement => ({
  Effect: 'Allow',
  Action: actions,
  Resource: '*',
  ...(condition && { Condition: condition }),
});

/**
 * The account itself, so that IAM policies decide who uses and administers a key ("Default key policy", AWS KMS Developer
 * Guide).
 */
export const accountOwnsKey = (account: string): Statement => ({
  Sid: 'AccountByIam',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: 'kms:*',
  Resource: '*',
});
