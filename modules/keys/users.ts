import type { Statement } from '../iam/policy';

/**
 * Lets the log groups of a region use a key: "Encrypt log data in CloudWatch Logs using AWS Key Management Service", Amazon
 * CloudWatch Logs User Guide.
 */
export const logs = (account: string, region: string): Statement => ({
  Sid: 'LogGroups',
  Effect: 'Allow',
  Principal: { Service: `logs.${region}.amazonaws.com` },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
  Resource: '*',
  Condition: {
    ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:*` },
  },
});

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
