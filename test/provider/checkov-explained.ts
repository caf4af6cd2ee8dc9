/** A check of checkov that fails on purpose: on which resources of any stack, and why. */
export interface Explained {
  readonly check: string;
  /** Matches the end of `<stack>.json <type>.<id>`, a whole id at least. */
  readonly on: RegExp;
  readonly reason: string;
}

export const explained: readonly Explained[] = [
  {
    check: 'CKV2_AWS_5',
    on: /aws_security_group\.(cache|postgres)_clients/,
    reason: 'worn by the nodes of the cluster layer, which learns its id by contract',
  },
  {
    check: 'CKV2_AWS_23',
    on: /aws_route53_record\.own_\w+/,
    reason: 'points at the load balancer of the cluster layer, which gives its name by contract',
  },
  {
    check: 'CKV2_AWS_28',
    on: /aws_lb\.load_balancer/,
    reason: 'the traffic layer associates a web ACL with it (ADR 0041)',
  },
  {
    check: 'CKV2_AWS_32',
    on: /aws_cloudfront_distribution\.edge/,
    reason:
      'both behaviors have AWS’s managed SecurityHeadersPolicy; the check knows a policy of the same plan alone',
  },
  {
    check: 'CKV2_AWS_38',
    on: /aws_route53_zone\.zone/,
    reason: 'no DNSSEC yet (ADR 0043)',
  },
  {
    check: 'CKV2_AWS_47',
    on: /aws_cloudfront_distribution\.edge/,
    reason:
      'its web ACL has AWSManagedRulesKnownBadInputsRuleSet; a plan from nothing does not connect the two',
  },
  {
    check: 'CKV2_AWS_57',
    on: /aws_secretsmanager_secret\.database_secret/,
    reason:
      'a rotation needs a function in a region that can be lost and a writable primary; what stores it: ADR 0030',
  },
  {
    check: 'CKV2_AWS_62',
    on: /aws_s3_bucket\.\w+/,
    reason: 'nothing acts on new objects, and who reads or writes them is CloudTrail’s to tell',
  },
  {
    check: 'CKV2_AWS_71',
    on: /aws_acm_certificate\.certificate_\w+/,
    reason: 'one certificate for the regions’ own names and the edge’s, all below the public name (ADR 0039)',
  },
  {
    check: 'CKV_AWS_18',
    on: /aws_s3_bucket\.\w+/,
    reason:
      'who reads objects is CloudTrail’s data events to tell; access logs would need a bucket without our key',
  },
  {
    check: 'CKV_AWS_29',
    on: /us-west-2-data\.json aws_elasticache_replication_group\.cache$/,
    reason:
      'a copy takes encryption at rest from its Global Datastore, and AWS refuses to be told (ADR 0032)',
  },
  {
    check: 'CKV_AWS_30',
    on: /us-west-2-data\.json aws_elasticache_replication_group\.cache$/,
    reason:
      'a copy takes encryption in transit from its Global Datastore, and AWS refuses to be told (ADR 0032)',
  },
  {
    check: 'CKV_AWS_31',
    on: /us-west-2-data\.json aws_elasticache_replication_group\.cache$/,
    reason:
      'a copy takes encryption and authentication from its Global Datastore, and AWS refuses to be told (ADR 0032)',
  },
  {
    check: 'CKV_AWS_86',
    on: /aws_cloudfront_distribution\.edge/,
    reason: 'logs by CloudWatch’s standard logging (v2), which the check does not know',
  },
  {
    check: 'CKV_AWS_133',
    on: /aws_db_instance\.postgres_read_\d+_g\d+/,
    reason: 'a read replica in the region of an instance that has backups (ADR 0029)',
  },
  {
    check: 'CKV_AWS_144',
    on: /aws_s3_bucket\.(state|backup)_bucket/,
    reason: 'the stack state-backup copies each state bucket to the other region’s backup bucket',
  },
  {
    check: 'CKV_AWS_144',
    on: /aws_s3_bucket\.access_logs/,
    reason: 'logs of one region’s requests, which nobody needs in the other to go on',
  },
  {
    check: 'CKV_AWS_145',
    on: /aws_s3_bucket\.access_logs/,
    reason: 'Elastic Load Balancing delivers to SSE-S3 alone',
  },
  {
    check: 'CKV_AWS_157',
    on: /aws_db_instance\.postgres_read_\d+_g\d+/,
    reason: 'read replicas are several, and the instance that they copy is Multi-AZ',
  },
  {
    check: 'CKV_AWS_305',
    on: /aws_cloudfront_distribution\.edge/,
    reason: 'the default behavior is the application, which answers / itself',
  },
  {
    check: 'CKV_AWS_355',
    on: /aws_iam_role_policy\.deploy_services/,
    reason:
      'creating takes actions on ids that AWS makes; services and regions are listed (modules/identity/services.ts)',
  },
  {
    check: 'CKV_AWS_374',
    on: /aws_cloudfront_distribution\.edge/,
    reason: 'no country is refused',
  },
  {
    check: 'CKV_AWS_378',
    on: /aws_lb_target_group\.pods/,
    reason: 'TLS ends at the load balancer; pods are reached inside the VPC, from its security group alone',
  },
];
