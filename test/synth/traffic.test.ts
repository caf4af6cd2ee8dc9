import { roleWords } from '../../lib/names';
import { versions } from '../../lib/versions';
import { readStack } from '../../twin/dns/synthesized';
import { bytesOf, configurationOf, everyDeployment, synthesized, trafficOf } from './graph';

const traffic = everyDeployment.map((deployment) => ({
  name: deployment.environment.name,
  deployment,
  stack: trafficOf(deployment),
}));

it('is one global stack of each environment', () => {
  const stacks = synthesized(everyDeployment).filter(({ layer }) => layer === 'traffic');
  expect(stacks.map(({ name, environment, region }) => ({ name, environment, region }))).toEqual([
    { name: 'tandem-dev-traffic', environment: 'dev', region: undefined },
    { name: 'tandem-local-traffic', environment: 'local', region: undefined },
    { name: 'tandem-production-traffic', environment: 'production', region: undefined },
    { name: 'tandem-staging-traffic', environment: 'staging', region: undefined },
  ]);
});

describe.each(traffic)('traffic of $name', ({ name, deployment, stack }) => {
  const { regions, dns, healthCheck } = deployment.environment;
  const [first, second] = regions;
  const pairs = [
    { region: first, peer: second, failover: 'PRIMARY' },
    { region: second, peer: first, failover: 'SECONDARY' },
  ].map((pair) => ({
    ...pair,
    id: pair.region.replaceAll('-', '_'),
    peerId: pair.peer.replaceAll('-', '_'),
  }));

  const { resource, provider } = readStack(JSON.parse(bytesOf(stack)));
  const checks = resource.aws_route53_health_check;
  const alarms = resource.aws_cloudwatch_metric_alarm;
  const records = resource.aws_route53_record;
  const publicName = `${dns.host}.${dns.zone}`;

  it('moves clients by the zone, and for each region two records, three health checks and an alarm', () => {
    const ids = pairs.map(({ id }) => id);
    const of = (...kinds: readonly string[]) => kinds.flatMap((kind) => ids.map((id) => `${kind}_${id}`));
    // What the twin reads: the failover's own part of the stack.
    expect(Object.keys(alarms)).toEqual(ids.map((id) => `latch_${id}_alarm`));
    expect(Object.keys(checks)).toEqual(of('calculated', 'endpoint', 'latch'));
    expect(Object.keys(records)).toEqual(of('own', 'public'));
    expect(resource.aws_route53_zone.zone?.name).toBe(dns.zone);
  });

  it('has an edge on AWS, and nothing else to move clients elsewhere', () => {
    const moving = [
      'aws_cloudwatch_metric_alarm',
      'aws_route53_health_check',
      'aws_route53_record',
      'aws_route53_zone',
    ];
    const types = Object.keys(configurationOf(stack).resource);
    expect(types).toEqual(expect.arrayContaining(moving));
    expect(types.length > moving.length).toBe(deployment.environment.target === 'aws');
  });

  it.each(pairs)('asks $region itself over HTTPS, by its own name', ({ id, region }) => {
    expect(checks[`endpoint_${id}`]).toMatchObject({
      type: 'HTTPS',
      port: 443,
      fqdn: `${region}.${publicName}`,
      resource_path: healthCheck.path,
      request_interval: healthCheck.intervalSeconds,
      failure_threshold: healthCheck.failureThreshold,
    });
    expect(records[`own_${id}`]).toMatchObject({ type: 'A', name: `${region}.${publicName}` });
    expect(records[`own_${id}`]).not.toHaveProperty('health_check_id');
  });

  it.each(pairs)('keeps the latch of $region in $peer', ({ id, region, peer, peerId }) => {
    expect(checks[`latch_${id}`]).toMatchObject({
      type: 'CLOUDWATCH_METRIC',
      cloudwatch_alarm_name: `\${aws_cloudwatch_metric_alarm.latch_${id}_alarm.alarm_name}`,
      cloudwatch_alarm_region: peer,
      insufficient_data_health_status: 'LastKnownStatus',
    });
    const alarm = alarms[`latch_${id}_alarm`];
    expect(alarm).toMatchObject({
      alarm_name: `tandem-${name}-${region}-latch`,
      dimensions: { Environment: name, Region: region },
      provider: `aws.${peerId}`,
    });
    expect(provider.aws).toContainEqual({ alias: peerId, region: peer });
  });

  it('lets one data point close a latch, and no silence open it', () => {
    const declared = Object.entries(configurationOf(stack).resource.aws_cloudwatch_metric_alarm ?? {})
      .filter(([id]) => id.startsWith('latch_'))
      .map(([, alarm]) => alarm);
    expect(declared).toHaveLength(2);
    for (const alarm of declared) {
      expect(alarm).toMatchObject({
        namespace: 'Tandem',
        metric_name: 'StoodDown',
        statistic: 'Maximum',
        comparison_operator: 'GreaterThanOrEqualToThreshold',
        threshold: 1,
        period: 60,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        treat_missing_data: 'ignore',
      });
    }
  });

  it.each(pairs)('makes Route 53 read the alarm of $region again when it changes', ({ id }) => {
    const { resource: all } = configurationOf(stack);
    const alarm = all.aws_cloudwatch_metric_alarm?.[`latch_${id}_alarm`];
    expect(all.aws_route53_health_check?.[`latch_${id}`]?.triggers).toEqual({
      period: String(alarm?.period),
      threshold: String(alarm?.threshold),
    });
  });

  it.each(pairs)('answers with $region while endpoint and latch are both healthy', ({ id }) => {
    expect(checks[`calculated_${id}`]).toMatchObject({
      type: 'CALCULATED',
      child_healthchecks: [`endpoint_${id}`, `latch_${id}`],
      child_health_threshold: 2,
    });
  });

  it.each(pairs)('declares $region as $failover by place', ({ id, region, failover }) => {
    expect(records[`public_${id}`]).toMatchObject({
      name: publicName,
      type: 'CNAME',
      ttl: dns.ttlSeconds,
      records: [`${region}.${publicName}`],
      set_identifier: region,
      failover_routing_policy: { type: failover },
      health_check_id: `calculated_${id}`,
    });
  });

  it('names every health check by its tags', () => {
    const { resource: all } = configurationOf(stack);
    const names = Object.values(all.aws_route53_health_check ?? {}).map(({ tags }) => tags?.Name);
    const kinds = ['calculated', 'endpoint', 'latch'];
    expect(names).toEqual(
      kinds.flatMap((kind) => regions.map((region) => `tandem-${name}-${region}-${kind}`)),
    );
  });

  it('has no role in any name', () => {
    const { resource: all } = configurationOf(stack);
    const names = Object.values(all).flatMap((byId) =>
      Object.entries(byId).flatMap(([id, { tags }]) => [id, tags?.Name ?? '']),
    );
    names.push(...Object.values(alarms).map(({ alarm_name }) => alarm_name));
    names.push(...Object.values(records).flatMap((record) => [record.name, record.set_identifier ?? '']));
    const words = names.flatMap((each) => each.split(/[-_.]/));
    expect(words.filter((word) => roleWords.includes(word))).toEqual([]);
    expect(words).toContain('latch');
  });

  it('is the same bytes whichever region is active', () => {
    const [is, was] = [
      { role: 'active', generation: 2 },
      { role: 'fenced', generation: 1 },
    ] as const;
    for (const roles of [
      { [first]: is, [second]: was },
      { [first]: was, [second]: is },
    ]) {
      const other = trafficOf({ ...deployment, roles });
      expect(bytesOf(other)).toBe(bytesOf(stack));
    }
  });

  it('names no folder of the machine, and takes the provider versions that the lanes check', () => {
    const { terraform } = configurationOf(stack);
    expect(terraform.backend).toEqual({ local: { path: 'terraform.tfstate' } });
    expect(terraform.required_providers.aws?.version).toBe(versions.awsProvider);
    expect(bytesOf(stack)).not.toContain(process.cwd());
  });
});
