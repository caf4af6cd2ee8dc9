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

  const in_ = (region: string, of = emulator) => ({
    region,
    endpoint: of.endpoint,
    maxAttempts: 1,
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
