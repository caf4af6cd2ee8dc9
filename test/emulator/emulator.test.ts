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
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  CreateHealthCheckCommand,
  GetHealthCheckStatusCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { waitFor } from '../../lib/wait';
import { Emulator, missingMoto } from './emulator';

const [east, west] = ['us-east-1', 'us-west-2'] as const;
const lack = missingMoto();
const title = 'the emulated AWS';

// What failovers rely on and moto does not do by itself: without it, their tests would pass whatever they did.
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await Emulator.start('111122223333');
    await makeDatabases(emulator);
  }, 60_000);
  afterAll(() => emulator.stop());

  const in_ = (region: string, of = emulator, maxAttempts = 1) => ({
    region,
    endpoint: of.endpoint,
    maxAttempts,
    credentials: { accessKeyId: 'emulated', secretAccessKey: 'emulated' },
  });
  const rds = (region: string, of = emulator) => new RDSClient(in_(region, of));

  const makeDatabases = async (of: Emulator) => {
    const primary = await rds(east, of).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'primary',
        DBInstanceClass: 'db.t4g.micro',
        Engine: 'postgres',
        EngineVersion: '17',
        AllocatedStorage: 20,
        MasterUsername: 'tandem',
        MasterUserPassword: 'not-a-secret',
        BackupRetentionPeriod: 7,
        DeletionProtection: true,
      }),
    );
    await rds(west, of).send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'replica',
        SourceDBInstanceIdentifier: primary.DBInstance?.DBInstanceArn ?? '',
      }),
    );
  };

  const describe_ = async (region: string, DBInstanceIdentifier: string, of = emulator) => {
    const { DBInstances } = await rds(region, of).send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier }),
    );
    return z.tuple([z.looseObject({ DBInstanceStatus: z.string() })]).parse(DBInstances)[0];
  };

  const promote = (of = emulator) =>
    rds(west, of).send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'replica' }));

  it('promotes a replica for good, in its own time, and only once', async () => {
    const aws = await emulator.fork();
    await aws.pace('promotion', 5);
    await promote(aws);
    await expect(promote(aws)).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    expect(await describe_(west, 'replica', aws)).toMatchObject({
      DBInstanceStatus: 'modifying',
      ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:primary',
    });
    const after = await waitFor(
      { what: 'the promotion', budget: { name: 'test', seconds: 30 }, next: 'look at rds.py' },
      async () => {
        const now = await describe_(west, 'replica', aws);
        return now.DBInstanceStatus === 'available' ? now : undefined;
      },
    );
    expect(after['ReadReplicaSourceDBInstanceIdentifier']).toBeUndefined();
    expect(await describe_(east, 'primary', aws)).toMatchObject({ ReadReplicaDBInstanceIdentifiers: [] });
    await expect(promote(aws)).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    // The one that it was copied from went on as it was.
    expect(await describe_(west, 'replica')).toHaveProperty('ReadReplicaSourceDBInstanceIdentifier');
    aws.stop();
  });

  it('lets a promotion come to nothing', async () => {
    const aws = await emulator.fork();
    await aws.pace('promotion', 0, true);
    await promote(aws);
    expect(await describe_(west, 'replica', aws)).toMatchObject({
      DBInstanceStatus: 'available',
      ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:primary',
    });
    aws.stop();
  });

  it('copies only what has backups, deletes only what may be deleted, and keeps the final snapshot', async () => {
    const aws = await emulator.fork();
    const copy = { DBInstanceIdentifier: 'reader', SourceDBInstanceIdentifier: 'replica' };
    const read = new CreateDBInstanceReadReplicaCommand(copy);
    await expect(rds(west, aws).send(read)).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    const drop = (more: object) =>
      rds(east, aws).send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'primary', ...more }));
    const final = { FinalDBSnapshotIdentifier: 'primary-final' };
    await expect(drop({})).rejects.toThrow('required unless');
    await expect(drop(final)).rejects.toThrow('protected');
    await rds(east, aws).send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'primary', DeletionProtection: false }),
    );
    await drop(final);
    const { DBSnapshots } = await rds(east, aws).send(
      new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'primary-final' }),
    );
    expect(DBSnapshots).toHaveLength(1);
    expect(await aws.inventory()).toEqual([
      'rds/database_snapshots us-east-1 primary-final',
      'rds/databases us-west-2 replica',
    ]);
    aws.stop();
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

  it('is kept in a file and goes on from there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-emulator-'));
    const file = join(folder, 'kept');
    await emulator.keep(file);
    const later = await Emulator.start('111122223333', file);
    rmSync(folder, { recursive: true });
    expect(await later.inventory()).toEqual(await emulator.inventory());
    await promote(later);
    expect(await describe_(west, 'replica', later)).not.toHaveProperty(
      'ReadReplicaSourceDBInstanceIdentifier',
    );
    expect(await describe_(west, 'replica')).toHaveProperty('ReadReplicaSourceDBInstanceIdentifier');
    later.stop();
  });

  it('answers nobody in a dark region, everybody elsewhere, and writes down who asked', async () => {
    const aws = await emulator.fork();
    await aws.forgetCalls();
    await aws.darken(east);
    await expect(describe_(east, 'primary', aws)).rejects.toThrow('socket hang up');
    await expect(describe_(west, 'replica', aws)).resolves.toBeDefined();
    expect(await aws.calls()).toMatchObject([
      { region: east, service: 'rds', action: 'DescribeDBInstances', status: null },
      { region: west, service: 'rds', action: 'DescribeDBInstances', status: 200 },
    ]);
    await aws.darken();
    await expect(describe_(east, 'primary', aws)).resolves.toBeDefined();
    aws.stop();
  });

  it('throttles, breaks and tells yesterday’s news as often as it was asked to', async () => {
    const aws = await emulator.fork();
    const action = 'DescribeDBInstances';
    await aws.inject({ answer: 'error', region: west, action, code: 'Throttling', status: 400 });
    await expect(describe_(west, 'replica', aws)).rejects.toMatchObject({ name: 'Throttling' });
    await aws.inject({ answer: 'error', service: 'rds', code: 'InternalFailure', status: 500 });
    await expect(describe_(west, 'replica', aws)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 500 },
    });
    await describe_(west, 'replica', aws);
    await promote(aws);
    await aws.inject({ answer: 'stale', action });
    expect(await describe_(west, 'replica', aws)).toHaveProperty('ReadReplicaSourceDBInstanceIdentifier');
    expect(await describe_(west, 'replica', aws)).not.toHaveProperty('ReadReplicaSourceDBInstanceIdentifier');
    aws.stop();
  });
});
