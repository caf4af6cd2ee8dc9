import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import type { Construct } from 'constructs';
import { policyOf } from '../iam/policy';
import { named, type Place } from '../named';
import type { AlarmRule, AlarmTopicProps } from './contract';

/** The topic of a layer's alarms in a region. Who listens is the platform's business: it starts without subscribers. */
export function alarmTopic(scope: Construct, props: AlarmTopicProps): string {
  const { account, region, kmsKeyArn } = props;
  const provider = props.provider && { provider: props.provider };
  const topic = new SnsTopic(scope, 'alarms', {
    ...provider,
    ...named('snsTopic', props, `${props.layer}-alarms`),
    kmsMasterKeyId: kmsKeyArn,
  });
  new SnsTopicPolicy(scope, 'alarms_policy', {
    ...provider,
    arn: topic.arn,
    policy: policyOf({
      Sid: 'OwnAlarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topic.arn,
      Condition: {
        ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:*` },
        StringEquals: { 'aws:SourceAccount': account },
      },
    }),
  });
  return topic.arn;
}

/** An alarm that tells the topic when it rings and when it is over. */
export function alarm(scope: Construct, place: Place, topicArn: string, rule: AlarmRule): void {
  const { name, tags } = named('alarm', place, rule.component);
  new CloudwatchMetricAlarm(scope, `alarm_${rule.component.replaceAll('-', '_')}`, {
    alarmName: name,
    alarmDescription: rule.description,
    namespace: rule.namespace,
    metricName: rule.metric,
    dimensions: rule.dimensions,
    statistic: rule.statistic,
    comparisonOperator: rule.wrong === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
    threshold: rule.threshold,
    // In seconds: RDS and ElastiCache publish once a minute.
    period: 60,
    evaluationPeriods: rule.minutes,
    datapointsToAlarm: rule.minutes,
    treatMissingData: rule.silenceRings === true ? 'breaching' : 'notBreaching',
    alarmActions: [topicArn],
    okActions: [topicArn],
    tags,
  });
}
