import assert from 'node:assert/strict';
import { parseEnvironment } from '../../environments';
import { production } from '../../environments/production';
import { awsDeployments } from './graph';
import { at, graphOf, statementsOf, type Declared } from './resources';

function only<T>(found: readonly T[]): T {
  const [one, ...more] = found;
  assert(one !== undefined && more.length === 0, `found ${found.length} where one was expected`);
  return one;
}

/** Whether `to` is named anywhere in `from`. */
const names = (from: Declared, to: Declared): boolean =>
  JSON.stringify(from.attributes).includes(`\${${to.type}.${to.id}.`);

/** A pair without us-east-1, which CloudFront needs all the same. */
const elsewhere = parseEnvironment(
  { ...production, name: 'elsewhere', regions: ['eu-west-1', 'eu-central-1'] },
  'a test',
);
const roles = {
  'eu-west-1': { role: 'active', generation: 1 },
  'eu-central-1': { role: 'standby', generation: 1 },
} as const;
const deployments = [...awsDeployments, { environment: elsewhere, roles, mode: 'offline' as const }];

describe.each(deployments.map((deployment) => ({ name: deployment.environment.name, deployment })))(
  'the edge of $name',
  ({ deployment }) => {
    const { regions, dns } = deployment.environment;
    const publicName = `${dns.host}.${dns.zone}`;
    const places = [...new Set([...regions, 'us-east-1'])];
    const resources = graphOf(deployment).resources.filter(({ layer }) => layer === 'traffic');
    const of = (type: string) => resources.filter((each) => each.type === `aws_${type}`);
    const the = (type: string) => only(of(type));
    const inRegion = (type: string, region: string) =>
      only(of(type).filter((each) => each.region === region));
    const regionsOf = (type: string) => of(type).map(({ region }) => region);

    it('certifies every name of the zone wherever it is served, by one record', () => {
      expect(regionsOf('acm_certificate').toSorted()).toEqual(places.toSorted());
      for (const { attributes } of of('acm_certificate')) {
        expect(attributes).toMatchObject({
          domain_name: publicName,
          subject_alternative_names: [`*.${publicName}`],
        });
      }
      const certified = of('route53_record')
        .filter(({ id }) => id !== 'certificate_validation')
        .map(({ attributes }) => String(attributes.name));
      expect(new Set(certified)).toEqual(
        new Set([publicName, ...['read', 'edge', ...regions].map((label) => `${label}.${publicName}`)]),
      );

      const issued = of('acm_certificate_validation');
      expect(regionsOf('acm_certificate_validation').toSorted()).toEqual(places.toSorted());
      for (const { attributes } of issued) {
        expect(attributes.validation_record_fqdns).toEqual([
          '${aws_route53_record.certificate_validation.fqdn}',
        ]);
      }
    });

    it('serves HTTPS at each load balancer, with its own region’s certificate once it is issued', () => {
      expect(regionsOf('lb_listener').toSorted()).toEqual(regions.toSorted());
      for (const { region, attributes } of of('lb_listener')) {
        expect(attributes).toMatchObject({
          port: 443,
          protocol: 'HTTPS',
          ssl_policy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
          default_action: [{ type: 'forward' }],
        });
        expect(String(attributes.load_balancer_arn)).toContain(region);
        expect(String(at(attributes, 'default_action.target_group_arn'))).toContain(region);
        expect(attributes.certificate_arn).toBe(
          `\${aws_acm_certificate_validation.${inRegion('acm_certificate_validation', region).id}.certificate_arn}`,
        );
      }
    });

    it('has the same rules at CloudFront and at both load balancers, each with a log', () => {
      const acls = of('wafv2_web_acl');
      expect(
        acls.map(({ region, attributes }) => `${region} ${String(attributes.scope)}`).toSorted(),
      ).toEqual(['us-east-1 CLOUDFRONT', ...regions.map((region) => `${region} REGIONAL`)].toSorted());
      const rules = acls.map(({ attributes }) =>
        [attributes.rule].flat().map((rule) => [at(rule, 'priority'), at(rule, 'name')]),
      );
      expect(new Set(rules.map((each) => JSON.stringify(each))).size).toBe(1);
      expect(rules[0]?.length).toBeGreaterThan(3);

      const ofEdge = only(acls.filter(({ attributes }) => attributes.scope === 'CLOUDFRONT'));
      expect(the('cloudfront_distribution').attributes.web_acl_id).toBe(
        `\${aws_wafv2_web_acl.${ofEdge.id}.arn}`,
      );
      for (const acl of acls) {
        const log = only(of('wafv2_web_acl_logging_configuration').filter((each) => names(each, acl)));
        const group = only(of('cloudwatch_log_group').filter((each) => names(log, each)));
        expect([log.region, group.region]).toEqual([acl.region, acl.region]);
        expect(group.attributes.name).toMatch(/^aws-waf-logs-/);
      }
      for (const region of regions) {
        const acl = only(
          acls.filter((each) => each.region === region && each.attributes.scope === 'REGIONAL'),
        );
        const association = inRegion('wafv2_web_acl_association', region);
        expect(names(association, acl)).toBe(true);
        expect(String(association.attributes.resource_arn)).toContain(region);
      }
    });

    it('counts only at a load balancer that who comes through CloudFront is counted there', () => {
      for (const { attributes } of of('wafv2_web_acl')) {
        const rate = at(attributes, 'rule.statement.rate_based_statement');
        const header = at(
          rate,
          'scope_down_statement.not_statement.statement.size_constraint_statement.field_to_match.single_header.name',
        );
        expect(at(rate, 'aggregate_key_type')).toBe('IP');
        expect(header).toBe(attributes.scope === 'REGIONAL' ? 'x-amz-cf-id' : undefined);
      }
    });

    it('answers reads with the nearer region that serves, latched out or not', () => {
      const reads = of('route53_record').filter(({ id }) => id.startsWith('read_'));
      expect(reads).toHaveLength(regions.length);
      for (const region of regions) {
        const [read, endpoint] = ['read', 'endpoint'].map((kind) => `${kind}_${region.replaceAll('-', '_')}`);
        expect(reads.find(({ id }) => id === read)?.attributes).toMatchObject({
          name: `read.${publicName}`,
          type: 'CNAME',
          records: [`${region}.${publicName}`],
          set_identifier: region,
          latency_routing_policy: { region },
          health_check_id: `\${aws_route53_health_check.${endpoint ?? ''}.id}`,
        });
      }
    });

    it('takes writes to the failover name, and static content from both buckets', () => {
      const { attributes } = the('cloudfront_distribution');
      const origins = [attributes.origin].flat();
      const domainOf = (id: unknown) =>
        at(
          origins.find((origin) => at(origin, 'origin_id') === id),
          'domain_name',
        );
      expect(domainOf(at(attributes, 'default_cache_behavior.target_origin_id'))).toBe(publicName);
      expect(at(attributes, 'default_cache_behavior.allowed_methods')).toEqual(
        expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      );

      const group = [attributes.origin_group].flat()[0];
      expect(at(attributes, 'ordered_cache_behavior.target_origin_id')).toBe(at(group, 'origin_id'));
      // CloudFront fails over no other methods.
      expect(at(attributes, 'ordered_cache_behavior.allowed_methods')).toEqual(['GET', 'HEAD']);
      const members = [at(group, 'member')].flat().map((member) => at(member, 'origin_id'));
      const buckets = of('s3_bucket').map(
        ({ region, attributes: { bucket } }) => `${String(bucket)}.s3.${region}.amazonaws.com`,
      );
      expect(members.map(domainOf)).toEqual(
        regions.map((region) => buckets.find((bucket) => bucket.includes(`.s3.${region}.`))),
      );
      expect(JSON.stringify(attributes.viewer_certificate)).toContain('TLSv1.2_2021');
      expect(at(attributes, 'viewer_certificate.acm_certificate_arn')).toBe(
        '${aws_acm_certificate_validation.certificate_us_east_1_issued.certificate_arn}',
      );
    });

    it('keeps no error of a lost region', () => {
      const kept = [the('cloudfront_distribution').attributes.custom_error_response].flat();
      expect(kept.map((each) => [at(each, 'error_code'), at(each, 'error_caching_min_ttl')])).toEqual(
        [500, 502, 503, 504].map((code) => [code, 0]),
      );
    });

    it('replicates each bucket into the other, with deletions and what is changed on a replica', () => {
      const buckets = of('s3_bucket');
      expect(buckets.map(({ region }) => region).toSorted()).toEqual(regions.toSorted());
      for (const bucket of buckets) {
        const other = only(buckets.filter(({ region }) => region !== bucket.region));
        const replication = inRegion('s3_bucket_replication_configuration', bucket.region);
        expect(replication.attributes.bucket).toBe(`\${aws_s3_bucket.${bucket.id}.bucket}`);
        expect(only([replication.attributes.rule].flat())).toMatchObject({
          status: 'Enabled',
          priority: 1,
          filter: {},
          delete_marker_replication: { status: 'Enabled' },
          source_selection_criteria: {
            replica_modifications: { status: 'Enabled' },
            sse_kms_encrypted_objects: { status: 'Enabled' },
          },
          destination: {
            bucket: `\${aws_s3_bucket.${other.id}.arn}`,
            encryption_configuration: { replica_kms_key_id: `\${aws_kms_key.${other.id}_key.arn}` },
          },
        });
      }
    });

    it('lets one distribution read content, and nobody else in', () => {
      const arn = '${aws_cloudfront_distribution.edge.arn}';
      const policies = [
        ...of('s3_bucket_policy'),
        ...of('kms_key').filter(({ id }) => id.startsWith('content_')),
      ];
      expect(policies).toHaveLength(4);
      for (const { attributes } of policies) {
        const services = statementsOf(attributes.policy).filter(
          ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal).includes('Service'),
        );
        expect(services).toEqual([
          expect.objectContaining({
            Principal: { Service: 'cloudfront.amazonaws.com' },
            Action: [expect.stringMatching(/^(s3:GetObject|kms:Decrypt)$/)],
            Condition: { StringEquals: { 'AWS:SourceArn': arn } },
          }),
        ]);
      }
    });

    it('watches each endpoint, and that some region is left, from us-east-1', () => {
      const alarms = of('cloudwatch_metric_alarm').filter(({ id }) => !id.startsWith('latch_'));
      expect(alarms.map(({ region }) => region)).toEqual(['us-east-1', 'us-east-1', 'us-east-1']);
      for (const check of of('route53_health_check').filter(({ id }) => !id.startsWith('latch_'))) {
        expect(alarms.filter((alarm) => names(alarm, check))).toHaveLength(1);
      }
      for (const { attributes } of alarms) {
        expect(attributes).toMatchObject({
          comparison_operator: 'LessThanThreshold',
          threshold: 1,
          treat_missing_data: 'breaching',
          alarm_actions: ['${aws_sns_topic.alarms.arn}'],
        });
      }
      expect(regionsOf('sns_topic')).toEqual(['us-east-1']);
    });

    it('signs no zone and logs no query', () => {
      expect([...of('route53_hosted_zone_dnssec'), ...of('route53_query_log')]).toEqual([]);
    });
  },
);
