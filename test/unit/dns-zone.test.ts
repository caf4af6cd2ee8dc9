import { TandemError } from '../../lib/errors';
import { readZone } from '../../twin/dns/zone';
import { loadBalancers, trafficStack } from '../support/traffic-stack';

type Stack = ReturnType<typeof trafficStack>;

const read = (change: (stack: Stack) => void = () => undefined, ttlSeconds?: number) => {
  const stack = trafficStack();
  change(stack);
  return readZone({ synthesized: stack, loadBalancers, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) });
};

/** Records of the same zone that the twin has nothing to answer with, and no client of the failover name asks for. */
const elsewhere = {
  read_east: {
    name: 'read.app.tandem.example',
    type: 'CNAME',
    zone_id: '${aws_route53_zone.zone.zone_id}',
    ttl: 30,
    records: ['us-east-1.app.tandem.example'],
    set_identifier: 'us-east-1',
    latency_routing_policy: { region: 'us-east-1' },
    health_check_id: '${aws_route53_health_check.endpoint_east.id}',
  },
  edge_aaaa: {
    name: 'edge.app.tandem.example',
    type: 'AAAA',
    zone_id: '${aws_route53_zone.zone.zone_id}',
    alias: { name: '${aws_cloudfront_distribution.edge.domain_name}', evaluate_target_health: false },
  },
  certificate_validation: {
    name: '${tolist(aws_acm_certificate.east.domain_validation_options)[0].resource_record_name}',
    type: '${tolist(aws_acm_certificate.east.domain_validation_options)[0].resource_record_type}',
    zone_id: '${aws_route53_zone.zone.zone_id}',
    ttl: 300,
    records: ['${tolist(aws_acm_certificate.east.domain_validation_options)[0].resource_record_value}'],
  },
};

describe('the zone of a synthesized traffic stack', () => {
  it('has the failover pair with its TTL, and an alias with the TTL of a load balancer', () => {
    const { records } = read();
    expect(records.get('app.tandem.example')).toEqual([
      {
        name: 'app.tandem.example',
        type: 'CNAME',
        ttl: 30,
        values: ['us-east-1.app.tandem.example'],
        setIdentifier: 'us-east-1',
        failover: 'PRIMARY',
        healthCheck: 'calculated_east',
      },
      expect.objectContaining({
        setIdentifier: 'us-west-2',
        failover: 'SECONDARY',
        healthCheck: 'calculated_west',
      }),
    ]);
    expect(records.get('us-east-1.app.tandem.example')).toEqual([
      expect.objectContaining({
        type: 'A',
        ttl: 60,
        values: ['127.0.11.1', '127.0.11.2'],
        healthCheck: undefined,
      }),
    ]);
  });

  it('shortens every TTL when told to', () => {
    expect([...read(undefined, 1).records.values()].flat().map((record) => record?.ttl)).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it('is the same whichever of the pair stands first', () => {
    const turned = read(({ resource }) => {
      const { public_east, ...others } = resource.aws_route53_record;
      resource.aws_route53_record = Object.assign(others, { public_east });
    });
    expect(turned.records.get('app.tandem.example')).toEqual(read().records.get('app.tandem.example'));
  });

  it('follows references to records, and completes relative names as the AWS provider does', () => {
    const { records, healthChecks } = read(({ resource }) => {
      resource.aws_route53_record.own_east.name = 'us-east-1.app';
      resource.aws_route53_record.public_east.records = ['${aws_route53_record.own_east.fqdn}'];
      resource.aws_route53_health_check.endpoint_east.fqdn = '${aws_route53_record.own_east.name}';
    });
    expect(records.get('app.tandem.example')?.[0].values).toEqual(['us-east-1.app.tandem.example']);
    expect(healthChecks.endpoints.get('endpoint_east')?.fqdn).toBe('us-east-1.app.tandem.example');
  });

  it('leaves alone what no failover asks: latency, CloudFront, certificates, and alarms that no check follows', () => {
    const { records, healthChecks } = read(({ resource }) => {
      Object.assign(resource.aws_route53_record, elsewhere);
      Object.assign(resource.aws_cloudwatch_metric_alarm, {
        no_region: { alarm_name: 'no-region', metric_query: [], evaluation_periods: 3 },
      });
    });
    expect(records).toEqual(read().records);
    expect(healthChecks).toEqual(read().healthChecks);
  });

  it('reads what the failover points at through another name, and what only a check asks', () => {
    const { records } = read(({ resource }) => {
      const { own_east, public_east } = resource.aws_route53_record;
      public_east.records = ['east.tandem.example'];
      const { name, type, zone_id, ttl } = { ...public_east, name: 'east' };
      Object.assign(resource.aws_route53_record, {
        through: { name, type, zone_id, ttl, records: ['US-EAST-1.app.tandem.example.'] },
        probed: { ...own_east, name: 'probe' },
      });
      resource.aws_route53_health_check.endpoint_east.fqdn = 'probe.tandem.example';
    });
    expect([...records.keys()].toSorted()).toEqual([
      'app.tandem.example',
      'east.tandem.example',
      'probe.tandem.example',
      'us-east-1.app.tandem.example',
      'us-west-2.app.tandem.example',
    ]);
  });

  it("asks from Route 53's eight regions unless the check names its own", () => {
    expect(read().healthChecks.endpoints.get('endpoint_east')?.regions).toHaveLength(8);
    const regions = ['us-east-1', 'us-west-2', 'eu-west-1'];
    const listed = read(({ resource }) =>
      Object.assign(resource.aws_route53_health_check.endpoint_east, { regions }),
    );
    expect(listed.healthChecks.endpoints.get('endpoint_east')?.regions).toEqual(regions);
  });

  it.each<[string, RegExp, (stack: Stack) => void]>([
    ['no zone', /0 hosted zones/, ({ resource }) => Object.assign(resource, { aws_route53_zone: {} })],
    [
      'a second zone',
      /2 hosted zones/,
      ({ resource }) => Object.assign(resource.aws_route53_zone, { other: { name: 'other.example' } }),
    ],
    [
      'another routing policy',
      /several records of app\.tandem\.example/,
      ({ resource }) =>
        Object.assign(resource.aws_route53_record.public_east, { failover_routing_policy: undefined }),
    ],
    [
      'another routing policy on both',
      /no failover record/,
      ({ resource }) => {
        for (const record of [
          resource.aws_route53_record.public_east,
          resource.aws_route53_record.public_west,
        ]) {
          Object.assign(record, { failover_routing_policy: undefined, latency_routing_policy: {} });
        }
      },
    ],
    [
      'an AAAA of the failover name',
      /aws_route53_record\.aaaa\.type/,
      ({ resource }) => {
        const aaaa = { ...resource.aws_route53_record.own_east, name: 'app', type: 'AAAA' };
        Object.assign(resource.aws_route53_record, { aaaa });
      },
    ],
    [
      'a latency record of a name that a check asks',
      /several records of us-east-1\.app/,
      ({ resource }) =>
        Object.assign(resource.aws_route53_record, { nearer: resource.aws_route53_record.own_east }),
    ],
    [
      'two primaries',
      /several records of app\.tandem\.example/,
      ({ resource }) => (resource.aws_route53_record.public_west.failover_routing_policy.type = 'PRIMARY'),
    ],
    [
      'a secondary alone',
      /only a SECONDARY of app\.tandem\.example/,
      ({ resource }) => (resource.aws_route53_record.public_east.name = 'www.tandem.example'),
    ],
    [
      'a record of another type',
      /aws_route53_record\.own_east\.type/,
      ({ resource }) => (resource.aws_route53_record.own_east.type = 'MX'),
    ],
    [
      'an alias to what is not there',
      /alias us-east-1\.app\.tandem\.example to elsewhere\.invalid/,
      ({ resource }) => (resource.aws_route53_record.own_east.alias.name = 'elsewhere.invalid'),
    ],
    [
      "an alias that evaluates its target's health",
      /own_east\.alias\.evaluate_target_health/,
      ({ resource }) => (resource.aws_route53_record.own_east.alias.evaluate_target_health = true),
    ],
    [
      'a record without a TTL',
      /without ttl or records/,
      ({ resource }) => Object.assign(resource.aws_route53_record.public_east, { ttl: undefined }),
    ],
    [
      'a name made by another resource',
      /the name \$\{aws_lb\.east\.dns_name\}/,
      ({ resource }) => (resource.aws_route53_record.public_east.records = ['${aws_lb.east.dns_name}']),
    ],
    [
      'a record with a check of another stack',
      /health check elsewhere of app\.tandem\.example/,
      ({ resource }) =>
        (resource.aws_route53_record.public_east.health_check_id =
          '${aws_route53_health_check.elsewhere.id}'),
    ],
    [
      'a calculated check of a calculated check',
      /child calculated_west of calculated_east/,
      ({ resource }) =>
        resource.aws_route53_health_check.calculated_east.child_healthchecks.push(
          '${aws_route53_health_check.calculated_west.id}',
        ),
    ],
    [
      'another type of check',
      /aws_route53_health_check\.endpoint_east/,
      ({ resource }) => (resource.aws_route53_health_check.endpoint_east.type = 'RECOVERY_CONTROL'),
    ],
    [
      'an alarm in another region than its check looks in',
      /0 alarms .* in us-west-2/,
      ({ resource }) => (resource.aws_cloudwatch_metric_alarm.alarm_east.provider = 'aws.us_east_1'),
    ],
    [
      'an alarm that waits for several periods',
      /alarm_east\.evaluation_periods/,
      ({ resource }) => (resource.aws_cloudwatch_metric_alarm.alarm_east.evaluation_periods = 2),
    ],
  ])('refuses %s', (_, message, change) => {
    const refused = expect(() => read(change));
    refused.toThrow(TandemError);
    refused.toThrow(message);
    refused.toThrow('SynthesisUnexpected');
  });
});
