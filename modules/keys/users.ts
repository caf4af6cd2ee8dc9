import type { Statement } from '../iam/policy';

/**
 * Lets CloudWatch Logs of a region use a key: "Encrypt log data in CloudWatch Logs using AWS Key Management Service", Amazon
 * CloudWatch Logs User Guide.
 * @param logGroup the name of the only log group that may; all of the account's when left out
 */
export const logs = (account: string, region: string, logGroup?: string): Statement => {
  const arn = `arn:aws:logs:${region}:${account}:log-group:${logGroup ?? '*'}`;
  return {
    Sid: 'LogGroups',
    Effect: 'Allow',
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    Resource: '*',
    Condition: {
      [logGroup === undefined ? 'ArnLike' : 'ArnEquals']: { 'kms:EncryptionContext:aws:logs:arn': arn },
    },
  };
};

/**
 * Lets alarms write to a topic that a key encrypts: "Enable compatibility between event sources from AWS services and
 * encrypted topics", Amazon SNS Developer Guide.
 */
export const alarms = (account: string): Statement => ({
  Sid: 'AlarmsToTopics',
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  Resource: '*',
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});
