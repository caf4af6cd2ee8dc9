import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Construct } from 'constructs';
import { tagsOf } from '../../lib/tags';
import type { CacheProps } from './contract';

/**
 * The cluster's slow and engine logs, as JSON. The prefix keeps the account's resource policy for log delivery from growing with
 * each log group ("Enable logging from AWS services", Amazon CloudWatch Logs User Guide).
 */
export function logDelivery(scope: Construct, props: CacheProps, cluster: string) {
  return ['slow-log', 'engine-log'].map((logType) => {
    const name = `/aws/vendedlogs/elasticache/${cluster}/${logType}`;
    const logGroup = new CloudwatchLogGroup(scope, `cache_${logType.replace('-', '_')}`, {
      name,
      retentionInDays: props.logRetentionDays,
      kmsKeyId: props.kmsKeyArn,
      skipDestroy: props.protected,
      tags: { ...tagsOf(props), Name: name },
    });
    return { logType, logFormat: 'json', destinationType: 'cloudwatch-logs', destination: logGroup.name };
  });
}
