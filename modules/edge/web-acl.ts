import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { Wafv2WebAcl } from '@cdktf/provider-aws/lib/wafv2-web-acl';
import { Wafv2WebAclLoggingConfiguration } from '@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration';
import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import type { LogProps } from './contract';

/** In 5 minutes, from one address. A client that writes as fast as a drill's stays below it. */
const requestsPerAddress = 10_000;

/**
 * AWS's rule groups, in the order in which they are asked. Not among them: AnonymousIpList, which refuses hosting providers
 * and so may refuse Route 53's health checkers, in both regions at once. Source: "AWS Managed Rules rule groups list", AWS
 * WAF Developer Guide.
 */
const managedGroups = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counted: [] },
  // The workload takes bodies of 64 KiB and refuses more by itself; this rule would refuse them from 8 KiB on.
  { name: 'AWSManagedRulesCommonRuleSet', counted: ['SizeRestrictions_BODY'] },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet', counted: [] },
  { name: 'AWSManagedRulesSQLiRuleSet', counted: [] },
];

/**
 * What CloudFront adds to each request it sends to an origin. Many clients share the address of such a request, and CloudFront's
 * own web ACL has counted them one by one. Whoever sends the header itself escapes this limit, and no other rule.
 */
const notThroughCloudFront = {
  not_statement: {
    statement: {
      size_constraint_statement: {
        field_to_match: { single_header: { name: 'x-amz-cf-id' } },
        comparison_operator: 'GT',
        size: 0,
        text_transformation: [{ priority: 0, type: 'NONE' }],
      },
    },
  },
};

interface WebAclProps extends LogProps {
  /** Of us-east-1 for CLOUDFRONT. */
  readonly provider: TerraformProvider;
  readonly scope: 'CLOUDFRONT' | 'REGIONAL';
  readonly name: string;
  readonly tags: Record<string, string>;
}

/**
 * Declares a web ACL with its log.
 * @returns its ARN
 */
export function webAcl(scope: Construct, id: string, props: WebAclProps): string {
  const { provider, name, tags } = props;
  const visibility = (metricName: string) => ({
    cloudwatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
    metricName,
  });

  const acl = new Wafv2WebAcl(scope, id, {
    provider,
    name,
    description:
      'The same managed rules at CloudFront and at both load balancers: going around CloudFront gains nothing.',
    scope: props.scope,
    defaultAction: { allow: {} },
    // Statements in Terraform's own words: the bindings leave them untyped.
    rule: [
      {
        name: 'RequestsPerAddress',
        priority: 0,
        action: { block: {} },
        statement: {
          rate_based_statement: {
            limit: requestsPerAddress,
            aggregate_key_type: 'IP',
            ...(props.scope === 'REGIONAL' && { scope_down_statement: notThroughCloudFront }),
          },
        },
        visibilityConfig: visibility('RequestsPerAddress'),
      },
      ...managedGroups.map(({ name: group, counted }, at) => ({
        name: group,
        priority: at + 1,
        overrideAction: { none: {} },
        statement: {
          managed_rule_group_statement: {
            vendor_name: 'AWS',
            name: group,
            rule_action_override: counted.map((rule) => ({ name: rule, action_to_use: { count: {} } })),
          },
        },
        visibilityConfig: visibility(group),
      })),
    ],
    visibilityConfig: visibility(name),
    tags,
  });

  const logGroup = new CloudwatchLogGroup(scope, `${id}_logs`, {
    provider,
    // WAF takes no log group with another beginning ("Sending web ACL traffic logs to CloudWatch Logs", AWS WAF Developer Guide).
    name: `aws-waf-logs-${name}`,
    retentionInDays: props.logRetentionDays,
    kmsKeyId: props.keyArn,
    tags: { ...tags },
  });
  new Wafv2WebAclLoggingConfiguration(scope, `${id}_logging`, {
    provider,
    resourceArn: acl.arn,
    logDestinationConfigs: [logGroup.arn],
    redactedFields: [{ singleHeader: { name: 'authorization' } }, { singleHeader: { name: 'cookie' } }],
  });
  return acl.arn;
}
