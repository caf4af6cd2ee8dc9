import { journalTable } from '../../failover/operations/journal';
import { latchCall } from '../../failover/operations/latch';
import { nodesCall } from '../../failover/operations/readiness';
import { placeOf } from '../../failover/operations/steps';
import { cacheName, databaseName } from '../../failover/operations/stores';
import { dev, production, resourcesOf } from './data-stacks';
import { configurationOf, stackOf } from './graph';

jest.setTimeout(60_000);

/** Operations call things by names that they compute: nothing is looked up while a region is lost. */
describe.each([dev, production])('what an operation calls by name in $environment.name', (deployment) => {
  const { environment } = deployment;
  const { name, regions } = environment;

  it.each(regions)('is what the stacks of %s declare', (region) => {
    const data = resourcesOf(deployment, region, 'active', 3);
    expect(data.aws_db_instance?.postgres_g3?.identifier).toBe(databaseName(name, region, 3));
    expect(data.aws_elasticache_replication_group?.cache?.replication_group_id).toBe(cacheName(name, region));
    expect(data.aws_dynamodb_table?.operations).toMatchObject({
      name: journalTable(name, region),
      hash_key: 'Environment',
      attribute: [{ name: 'Environment', type: 'S' }],
    });
    const cluster = configurationOf(stackOf(deployment, 'cluster', region)).resource;
    const { clusterName, nodegroupName } = nodesCall(name, region).parameters;
    expect(cluster.aws_eks_cluster?.cluster?.name).toBe(clusterName);
    expect(cluster.aws_eks_node_group?.nodes?.node_group_name).toBe(nodegroupName);
  });

  it.each(regions)('is the metric that the latch of %s looks at, in the peer', (region) => {
    const place = placeOf(environment, region);
    const { Namespace, MetricData: [metric] = [] } = latchCall(place, 'closed').parameters;
    const dimensions = Object.fromEntries(
      (metric?.Dimensions ?? []).map(({ Name = '', Value }): [string, unknown] => [Name, Value]),
    );
    const traffic = configurationOf(stackOf(deployment, 'traffic')).resource;
    const id = `latch_${region.replaceAll('-', '_')}`;
    expect(traffic.aws_cloudwatch_metric_alarm?.[`${id}_alarm`]).toMatchObject({
      namespace: Namespace,
      metric_name: metric?.MetricName,
      dimensions,
      statistic: 'Maximum',
      threshold: metric?.Value,
    });
    expect(traffic.aws_route53_health_check?.[id]?.cloudwatch_alarm_region).toBe(place.peer);
  });
});
