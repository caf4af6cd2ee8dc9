/**
 * The AWS services that stacks are made of, by the prefix of their actions, and what each is for. This list is the one place
 * of statements on `*` that are not about single actions, and it is broad: to create, tag and remove what a service has takes
 * dozens of actions on resources whose ARNs end in ids that AWS makes (`vpc-…`, `eni-…`, a distribution's), so no name scopes
 * them. What narrows them is the list itself, the environment's regions, the guard (guard.ts) and, best, an account a piece.
 */
export const services = {
  acm: 'certificates of load balancers and CloudFront',
  cloudfront: 'the edge',
  cloudwatch: 'alarms, and the metric that is the latch',
  dynamodb: 'the journal of operations',
  ec2: 'network, nodes, volumes',
  ecr: 'images',
  ecs: 'the autopilot',
  eks: 'clusters',
  elasticache: 'the cache',
  elasticloadbalancing: 'load balancers',
  kms: 'keys of everything at rest',
  logs: 'log groups',
  rds: 'the database',
  route53: 'zones, records, health checks',
  s3: 'static content and access logs',
  secretsmanager: 'credentials',
  sns: 'whom alarms tell',
  wafv2: 'the edge',
} as const;

/** Regions in which an environment's calls count: its own, and the one where CloudFront, Route 53 and IAM are called. */
export const callableRegions = (regions: readonly string[]): string[] => [
  ...new Set([...regions, 'us-east-1']),
];
