import {
  CloudWatchClient,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CreateGlobalReplicationGroupCommand,
  CreateReplicationGroupCommand,
  DescribeGlobalReplicationGroupsCommand,
  DisassociateGlobalReplicationGroupCommand,
  ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import {
  CreateHealthCheckCommand,
  GetHealthCheckStatusCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { Emulator, missingMoto } from './emulator';

const [east, west] = ['us-east-1', 'us-west-2'] as const;
const lack = missingMoto();
const title = 'the emulated Global Datastore, health checks and metrics';

(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await Emulator.start('111122223333');
  });
  afterAll(() => emulator.stop());

  const in_ = (region: string) => ({
    region,
    endpoint: emulator.endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: 'emulated', secretAccessKey: 'emulated' },
  });

  it('fails a Global Datastore over from the region that is to be primary', async () => {
    const cache = (region: string) => new ElastiCacheClient(in_(region));
    const common = {
      ReplicationGroupDescription: 'cache',
      ReplicasPerNodeGroup: 1,
      AutomaticFailoverEnabled: true,
    };
    await cache(east).send(
      new CreateReplicationGroupCommand({
        ...common,
        ReplicationGroupId: 'cache-east',
        Engine: 'valkey',
        EngineVersion: '8.0',
        CacheNodeType: 'cache.r7g.large',
        NumNodeGroups: 3,
        ClusterMode: 'enabled',
      }),
    );
    const made = await cache(east).send(
      new CreateGlobalReplicationGroupCommand({
        GlobalReplicationGroupIdSuffix: 'pair',
        PrimaryReplicationGroupId: 'cache-east',
      }),
    );
    const GlobalReplicationGroupId = made.GlobalReplicationGroup?.GlobalReplicationGroupId;
    await cache(west).send(
      new CreateReplicationGroupCommand({
        ...common,
        ReplicationGroupId: 'cache-west',
        GlobalReplicationGroupId,
      }),
    );
    await cache(west).send(
      new FailoverGlobalReplicationGroupCommand({
        GlobalReplicationGroupId,
        PrimaryRegion: west,
        PrimaryReplicationGroupId: 'cache-west',
      }),
    );
    const { GlobalReplicationGroups } = await cache(west).send(
      new DescribeGlobalReplicationGroupsCommand({ GlobalReplicationGroupId, ShowMemberInfo: true }),
    );
    expect(
      GlobalReplicationGroups?.[0]?.Members?.map(({ ReplicationGroupRegion, Role }) => [
        ReplicationGroupRegion,
        Role,
      ]),
    ).toEqual([
      [east, 'SECONDARY'],
      [west, 'PRIMARY'],
    ]);
    const leave = (ReplicationGroupRegion: string, ReplicationGroupId: string) =>
      cache(west).send(
        new DisassociateGlobalReplicationGroupCommand({
          GlobalReplicationGroupId,
          ReplicationGroupId,
          ReplicationGroupRegion,
        }),
      );
    await expect(leave(west, 'cache-west')).rejects.toMatchObject({
      name: 'InvalidGlobalReplicationGroupStateFault',
    });
    await leave(east, 'cache-east');
  });

  it('says of a Global Datastore that is not there, as ElastiCache does', async () => {
    await expect(
      new ElastiCacheClient(in_(west)).send(
        new DescribeGlobalReplicationGroupsCommand({ GlobalReplicationGroupId: 'none' }),
      ),
    ).rejects.toMatchObject({ name: 'GlobalReplicationGroupNotFoundFault' });
  });

  it('derives health from what endpoints answer and from the metric behind a latch', async () => {
    const route53 = new Route53Client(in_(east));
    const check = async (HealthCheckConfig: CreateHealthCheckCommand['input']['HealthCheckConfig']) => {
      const made = await route53.send(
        new CreateHealthCheckCommand({
          CallerReference: JSON.stringify(HealthCheckConfig),
          HealthCheckConfig,
        }),
      );
      return made.HealthCheck?.Id ?? '';
    };
    const latch = {
      Namespace: 'Tandem',
      MetricName: 'StoodDown',
      Dimensions: [{ Name: 'Region', Value: east }],
    };
    const cloudwatch = new CloudWatchClient(in_(west));
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        ...latch,
        AlarmName: 'latch',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      }),
    );
    const endpoint = await check({ Type: 'HTTPS', FullyQualifiedDomainName: 'east.example', Port: 443 });
    const closed = await check({
      Type: 'CLOUDWATCH_METRIC',
      AlarmIdentifier: { Region: west, Name: 'latch' },
      InsufficientDataHealthStatus: 'LastKnownStatus',
    });
    const both = await check({
      Type: 'CALCULATED',
      ChildHealthChecks: [endpoint, closed],
      HealthThreshold: 2,
    });
    expect(await emulator.health()).toEqual({ [endpoint]: true, [closed]: true, [both]: true });

    await emulator.setReachable(endpoint, false);
    const { HealthCheckObservations } = await route53.send(
      new GetHealthCheckStatusCommand({ HealthCheckId: endpoint }),
    );
    expect(HealthCheckObservations?.[0]?.StatusReport?.Status).toMatch(/^Failure/);
    expect(await emulator.health()).toEqual({ [endpoint]: false, [closed]: true, [both]: false });

    await emulator.setReachable(endpoint, true);
    const { Namespace, MetricName, Dimensions } = latch;
    await cloudwatch.send(
      new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Dimensions, Value: 1 }] }),
    );
    expect(await emulator.health()).toEqual({ [endpoint]: true, [closed]: false, [both]: false });
  });

  it('keeps metrics and gives them back', async () => {
    const cloudwatch = new CloudWatchClient(in_(west));
    const metric = { Namespace: 'AWS/RDS', MetricName: 'ReplicaLag' };
    const Dimensions = [{ Name: 'DBInstanceIdentifier', Value: 'replica' }];
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: metric.Namespace,
        MetricData: [{ MetricName: metric.MetricName, Dimensions, Value: 4 }],
      }),
    );
    const { MetricDataResults } = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(Date.now() + 60_000),
        MetricDataQueries: [
          { Id: 'lag', MetricStat: { Metric: { ...metric, Dimensions }, Period: 60, Stat: 'Maximum' } },
        ],
      }),
    );
    expect(MetricDataResults?.[0]?.Values).toEqual([4]);
  });
});
