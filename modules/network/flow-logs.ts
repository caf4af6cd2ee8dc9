import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { accountOwnsKey, policyOf } from '../iam/policy';
import { logs } from '../keys/users';
import { named } from '../named';
import type { NetworkProps } from './contract';

/**
 * Who talked to whom in the VPC, and what was refused: in a log group with a key of its own, which only this region's
 * CloudWatch Logs uses and only for it.
 */
export function flowLogs(scope: Construct, props: NetworkProps, vpcId: string): void {
  const { environment, region, account } = props;
  const component = 'flow-logs';
  const lifecycle = { preventDestroy: props.protected };

  const names = named('logGroup', props, component);
  const alias = named('kmsAlias', props, component);
  const key = new KmsKey(scope, 'flow_logs_key', {
    description: `Flow logs of ${environment} in ${region}`,
    enableKeyRotation: true,
    policy: policyOf(accountOwnsKey(account), logs(account, region, names.name)),
    tags: alias.tags,
    lifecycle,
  });
  new KmsAlias(scope, 'flow_logs_alias', { name: `alias/${alias.name}`, targetKeyId: key.keyId });
  const logGroup = new CloudwatchLogGroup(scope, 'flow_logs', {
    ...names,
    retentionInDays: props.logRetentionDays,
    kmsKeyId: key.arn,
    lifecycle,
  });

  const { role, permission } = writer(scope, props, logGroup);
  new FlowLog(scope, 'flow_log', {
    vpcId,
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logDestination: logGroup.arn,
    iamRoleArn: role.arn,
    // In seconds: the shorter of the two that there are.
    maxAggregationInterval: 60,
    tags: named('nameTag', props, component).tags,
    dependsOn: [permission],
  });
}

/** The role that writes to the log group: "IAM role for publishing flow logs to CloudWatch Logs", Amazon VPC User Guide. */
function writer(scope: Construct, props: NetworkProps, logGroup: CloudwatchLogGroup) {
  const { environment, region, account } = props;
  const role = new IamRole(scope, 'flow_logs_role', {
    ...named('iamRole', props, 'flow-logs'),
    description: `Writes the flow logs of ${environment} in ${region}`,
    assumeRolePolicy: policyOf({
      Effect: 'Allow',
      Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:aws:ec2:${region}:${account}:vpc-flow-log/*` },
      },
    }),
  });
  const permission = new IamRolePolicy(scope, 'flow_logs_permission', {
    name: 'write',
    role: role.id,
    policy: policyOf({
      Effect: 'Allow',
      Action: [
        'logs:CreateLogStream',
        'logs:DescribeLogGroups',
        'logs:DescribeLogStreams',
        'logs:PutLogEvents',
      ],
      Resource: `${logGroup.arn}:*`,
    }),
  });
  return { role, permission };
}
