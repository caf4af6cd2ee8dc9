import { CloudwatchLogDelivery } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery';
import { CloudwatchLogDeliveryDestination } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-destination';
import { CloudwatchLogDeliverySource } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-source';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { EdgeProps } from './contract';

/**
 * Delivers a distribution's access log to a log group, which keeps and encrypts it as all others. Everything about it is in
 * us-east-1 ("Configure standard logging (v2)", Amazon CloudFront Developer Guide).
 */
export function accessLog(scope: Construct, props: EdgeProps, distributionArn: string): void {
  const { usEast1: provider } = props;
  const logGroup = new CloudwatchLogGroup(scope, 'edge_access_logs', {
    provider,
    ...named('logGroup', props, 'edge-access'),
    retentionInDays: props.logRetentionDays,
    kmsKeyId: props.keyArn,
  });
  const source = new CloudwatchLogDeliverySource(scope, 'edge_access_source', {
    provider,
    ...named('logDelivery', props, 'edge-access'),
    logType: 'ACCESS_LOGS',
    resourceArn: distributionArn,
  });
  const destination = new CloudwatchLogDeliveryDestination(scope, 'edge_access_destination', {
    provider,
    ...named('logDelivery', props, 'edge-access'),
    outputFormat: 'json',
    deliveryDestinationConfiguration: [{ destinationResourceArn: logGroup.arn }],
  });
  new CloudwatchLogDelivery(scope, 'edge_access_delivery', {
    provider,
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.arn,
    tags: named('logDelivery', props, 'edge-access').tags,
  });
}
