import type { Construct } from 'constructs';
import { privateBucket, tlsOnly } from '../bucket/aws';
import { named } from '../named';
import type { LoadBalancerProps } from './contract';

/**
 * Declares the private bucket of the load balancer's access logs, with S3's own key: they take no other ("Enable access logs
 * for your Application Load Balancer", Elastic Load Balancing User Guide).
 */
export function accessLogs(scope: Construct, props: LoadBalancerProps) {
  const { account } = props;
  return privateBucket(scope, 'access_logs', {
    // Bucket names are shared by all of AWS, so this one carries the account.
    ...named('s3Bucket', props, `access-logs-${account}`),
    protected: props.protected,
    // An unprotected environment can be destroyed although it has been used.
    forceDestroy: !props.protected,
    expiryDays: props.logRetentionDays,
    oldVersionDays: 7,
    statements: (arn) => [
      tlsOnly(arn),
      {
        Sid: 'AccessLogs',
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `${arn}/AWSLogs/${account}/*`,
      },
    ],
  });
}
