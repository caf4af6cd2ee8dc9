import { z } from 'zod';
import { TandemError } from '../../lib/errors';
import { failoverFamily } from './family';

/** Route 53 asks from these when a health check names no `regions` (API Reference, "HealthCheckConfig"). */
const checkerRegions = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'sa-east-1',
];

/** `${TYPE.ID.ATTRIBUTE}`, read as the ID. */
const referenceTo = (type: string, attribute: string) => {
  const [head, tail] = [`\${${type}.`, `.${attribute}}`];
  return z
    .string()
    .startsWith(head)
    .endsWith(tail)
    .transform((text) => text.slice(head.length, -tail.length));
};

const healthCheckId = referenceTo('aws_route53_health_check', 'id');
const everyCheck = { invert_healthcheck: z.boolean().default(false), disabled: z.boolean().default(false) };

const endpointCheck = z.object({
  ...everyCheck,
  type: z.enum(['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP']),
  fqdn: z.string().optional(),
  ip_address: z.string().optional(),
  port: z.int(),
  resource_path: z
    .string()
    .default('')
    .transform((path) => (path.startsWith('/') ? path : `/${path}`)),
  search_string: z.string().optional(),
  request_interval: z.int().default(30),
  failure_threshold: z.int().min(1).max(10).default(3),
  regions: z.array(z.string()).min(3).default(checkerRegions),
});

const calculatedCheck = z.object({
  ...everyCheck,
  type: z.literal('CALCULATED'),
  child_healthchecks: z.array(healthCheckId),
  child_health_threshold: z.int().min(0).max(256),
});

const metricCheck = z.object({
  ...everyCheck,
  type: z.literal('CLOUDWATCH_METRIC'),
  cloudwatch_alarm_name: z.string(),
  cloudwatch_alarm_region: z.string(),
  insufficient_data_health_status: z.enum(['Healthy', 'Unhealthy', 'LastKnownStatus']),
});

const alarm = z.object({
  alarm_name: z.string(),
  namespace: z.string(),
  metric_name: z.string(),
  dimensions: z.record(z.string(), z.string()).default({}),
  statistic: z.enum(['Average', 'Maximum', 'Minimum', 'Sum']),
  comparison_operator: z.enum([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  threshold: z.number(),
  period: z.int().positive(),
  evaluation_periods: z.literal(1),
  treat_missing_data: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).default('missing'),
  provider: z.string().optional(),
});

const record = z.object({
  name: z.string(),
  type: z.enum(['A', 'CNAME']),
  zone_id: referenceTo('aws_route53_zone', 'zone_id'),
  ttl: z.int().min(0).optional(),
  records: z.array(z.string()).min(1).optional(),
  // The twin has no health of a load balancer's targets to evaluate.
  alias: z.object({ name: z.string(), evaluate_target_health: z.literal(false) }).optional(),
  set_identifier: z.string().optional(),
  failover_routing_policy: z.object({ type: z.enum(['PRIMARY', 'SECONDARY']) }).optional(),
  health_check_id: healthCheckId.optional(),
});

const stack = z.object({
  provider: z.object({
    aws: z.array(z.object({ alias: z.string().optional(), region: z.string() })),
  }),
  resource: z.object({
    aws_route53_zone: z.record(z.string(), z.object({ name: z.string() })),
    aws_route53_record: z.record(z.string(), record),
    aws_route53_health_check: z.record(
      z.string(),
      z.discriminatedUnion('type', [endpointCheck, calculatedCheck, metricCheck]),
    ),
    aws_cloudwatch_metric_alarm: z.record(z.string(), alarm).default({}),
  }),
});

export type Stack = z.infer<typeof stack>;
export type Alarm = z.infer<typeof alarm>;
export type EndpointCheck = z.infer<typeof endpointCheck>;
export type CalculatedCheck = z.infer<typeof calculatedCheck>;
export type MetricCheck = z.infer<typeof metricCheck>;

export const unexpected = (found: string, expected: string): TandemError =>
  new TandemError('SynthesisUnexpected', {
    found,
    expected,
    next: 'compare the traffic stack with what twin/dns/synthesized.ts reads, and change the one that is wrong',
  });

/**
 * Reads the failover family of a synthesized traffic stack: `JSON.parse` of its cdk.tf.json. Words stay Terraform's own.
 * @throws TandemError SynthesisUnexpected for what the twin can not evaluate as Route 53 would
 */
export function readStack(synthesized: unknown): Stack {
  const parsed = stack.safeParse(failoverFamily(synthesized));
  if (parsed.success) return parsed.data;
  throw unexpected(
    z.prettifyError(parsed.error),
    'the zone, records, health checks and alarms of a traffic stack',
  );
}
