import { Journal } from '../../failover/operations/journal';
import { AwsTarget } from '../../failover/targets/aws';
import { asked, awsEnvironment, endState, tandem } from './command';
import { Emulator, missing } from './emulator';
import { killedAfter } from './killed';
import { commandsOf } from './runbook';
import { createStores, publishLag } from './stores';

const production = awsEnvironment('production');
const [east, west] = production.regions;
const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };
const failover = ['failover', 'production', '--to', west];

const lack = missing();
const title = 'tandem failover';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  jest.setTimeout(400_000);
  let whole: Emulator;
  const forks: Emulator[] = [];
  beforeAll(async () => {
    whole = await Emulator.start(production.account);
    await createStores(production, clientsOf(whole));
  });
  afterAll(() => {
    [whole, ...forks].forEach((each) => each.stop());
  });

  const clientsOf =
    ({ endpoint }: Emulator) =>
    (region: string) => ({ region, endpoint, credentials });

  /** An environment of its own for a test: whole, with a region gone, and its replica's lag as RDS would tell it. */
  async function lost(dark: string = east, lag: readonly number[] = [0, 1, 2, 62, 122]): Promise<Emulator> {
    const emulator = await whole.fork();
    forks.push(emulator);
    await publishLag(production, clientsOf(emulator)(west), lag);
    await emulator.darken(dark);
    await emulator.forgetCalls();
    return emulator;
  }

  const command = (emulator: Emulator, ...args: readonly string[]) =>
    tandem([...failover, ...args], emulator.environment);

  const endOf = (emulator: Emulator) => endState(emulator, production, west);
  const anyText: unknown = expect.any(String);

  const promoted = {
    database: { status: 'available', backupWindow: anyText, deletionProtection: false },
    cache: { datastore: anyText, primary: true },
    latch: 'closed',
    outcome: 'done',
    steps: ['close-latch done', 'fail-over-cache done', 'promote-database done', 'await-cache done'],
  };

  it('with --dry-run lists the calls and makes none that changes anything', async () => {
    const emulator = await lost();
    const { code, output } = await command(emulator, '--dry-run');
    expect(output).toContain('was 2 s behind');
    expect(code).toBe(0);
    const calls = await asked(emulator);
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter((each) => !/:(Describe|Get)/.test(each))).toEqual([]);
    const listed = [...output.matchAll(/^ {5}(?!asks )(\S+) in (\S+) /gm)].map(
      ([, action = '', region = '']) => `${action.replace('cloudwatch', 'monitoring')} ${region}`,
    );
    const real = await lost();
    expect((await command(real, '--yes')).code).toBe(0);
    const writes = (await asked(real, 'changes')).filter((each) => !each.startsWith('dynamodb'));
    // The cache's failover is listed twice, and asked for again only if it came to nothing.
    expect(writes).toEqual([...new Set(listed)]);
  });

  it('asks nothing of the lost region, nor of the global services that live there', async () => {
    const emulator = await lost();
    const { code, output } = await command(emulator, '--yes');
    expect(output).toContain('Next: tandem reconcile production');
    expect(code).toBe(0);
    expect(await endOf(emulator)).toEqual(promoted);
    const regions = new Set((await emulator.calls()).map(({ region }) => region));
    expect([...regions]).toEqual([west]);
  });

  it('latches the lost region out before it promotes, and keeps the declared days of backups', async () => {
    const emulator = await lost();
    await command(emulator, '--yes');
    const calls = await asked(emulator);
    const at = (call: string) => calls.indexOf(`${call} ${west}`);
    expect(at('monitoring:PutMetricData')).toBeGreaterThan(-1);
    expect(at('rds:PromoteReadReplica')).toBeGreaterThan(at('monitoring:PutMetricData'));
  });

  it('is done once: the same command again changes nothing', async () => {
    const emulator = await lost();
    await command(emulator, '--yes');
    await emulator.forgetCalls();
    const again = await command(emulator, '--yes');
    expect(again.output).toContain('Next: tandem reconcile production');
    expect(again.code).toBe(0);
    expect(await asked(emulator, 'changes')).toEqual([]);
  });

  it('ends the same when its runner is killed without warning after any journal entry, and it is run again', async () => {
    const [again = []] = commandsOf('runner-is-gone');
    expect(again).toEqual(failover);
    // Begun, four steps twice, ended.
    const emulators: Emulator[] = [];
    while (emulators.length < 10) emulators.push(await lost());
    const ends = emulators.map(async (emulator, at) => {
      const entry = at + 1;
      const killed = await killedAfter(entry, emulator, failover);
      const resumed = await tandem([...again, '--yes'], emulator.environment);
      return { entry: killed.entries, killed: killed.code, resumed: resumed.code, emulator };
    });
    for (const [at, { emulator, ...end }] of (await Promise.all(ends)).entries()) {
      expect(end).toEqual({ entry: at + 1, killed: null, resumed: 0 });
      expect({ entry: end.entry, ...(await endOf(emulator)) }).toEqual({ entry: end.entry, ...promoted });
      const calls = await asked(emulator);
      expect(calls.filter((each) => each.startsWith('rds:PromoteReadReplica'))).toHaveLength(1);
    }
  });

  it('refuses what is no replica, too far behind or without nodes, each with what to do, and changes nothing', async () => {
    const emulator = await lost(east, [0, 31]);
    const { code, output } = await command(emulator, '--yes');
    expect(output).toContain('(OperationRefused)');
    expect(output).toContain('31 s behind, and the RPO is 30 s');
    expect(output).toContain('tandem failover production --to us-west-2 --accept-loss');
    expect(code).toBe(1);
    expect(await asked(emulator, 'changes')).toEqual([]);
    const accepted = await command(emulator, '--yes', '--accept-loss');
    expect(accepted.output).toContain('accepted: it was 31 s behind');
    expect(accepted.code).toBe(0);
  });

  it('refuses to promote the active region, which is no replica', async () => {
    const emulator = await lost(west);
    const args = ['failover', 'production', '--to', east, '--yes', '--accept-loss'];
    const { code, output } = await tandem(args, emulator.environment);
    expect(output).toContain('is no replica');
    expect(code).toBe(1);
  });

  describe('goes through', () => {
    const faults: [title: string, ...Parameters<Emulator['inject']>[0][]][] = [
      ['throttling', { answer: 'error', service: 'rds', code: 'Throttling', status: 400, times: 6 }],
      ['server errors', { answer: 'error', region: west, code: 'InternalFailure', status: 500, times: 5 }],
      ['connections that end', { answer: 'drop', region: west, times: 5 }],
      ['silence', { answer: 'silence', service: 'rds', action: 'PromoteReadReplica', times: 1 }],
      ['answers that are old', { answer: 'stale', service: 'rds', action: 'DescribeDBInstances', times: 4 }],
    ];
    it.each(faults)('%s', async (_, ...injected) => {
      const emulator = await lost();
      for (const fault of injected) await emulator.inject(fault);
      const { code, output } = await command(emulator, '--yes');
      expect({ code, output }).toEqual({ code: 0, output });
      expect(await endOf(emulator)).toEqual(promoted);
    });

    it('a promotion that takes long, and waits for it', async () => {
      const emulator = await lost();
      await emulator.pace('promotion', 20);
      expect(await command(emulator, '--yes')).toMatchObject({ code: 0 });
      expect(await endOf(emulator)).toEqual(promoted);
      const calls = await asked(emulator);
      expect(calls.filter((each) => each.startsWith('rds:PromoteReadReplica'))).toHaveLength(1);
    });

    it('a promotion that comes to nothing: it says so when its budget is over, and the same command promotes', async () => {
      const emulator = await lost();
      await emulator.pace('promotion', 1, true);
      const { code, output } = await command(emulator, '--yes');
      expect(output).toContain('(OperationHalted)');
      expect(output).toContain('us-west-2 is not promoted: no region takes writes');
      expect(code).toBe(1);
      await emulator.pace('promotion', 1);
      const [again = []] = commandsOf('half-done-failover');
      expect(await tandem([...again, '--yes'], emulator.environment)).toMatchObject({ code: 0 });
      expect(await endOf(emulator)).toEqual(promoted);
    });

    it('a cache that can not be failed over, and says so', async () => {
      const emulator = await lost();
      const code = 'InvalidGlobalReplicationGroupState';
      await emulator.inject({ answer: 'error', action: 'FailoverGlobalReplicationGroup', code, status: 400 });
      const { code: exit, output } = await command(emulator, '--yes');
      expect(output).toContain('Not done: fail-over-cache');
      expect(output).toContain(code);
      expect(exit).toBe(0);
      expect((await endOf(emulator)).database).not.toHaveProperty('source');
      expect(await command(emulator, '--yes')).toMatchObject({ code: 0 });
      expect((await endOf(emulator)).cache).toMatchObject({ primary: true });
    });
  });

  it('says the state when AWS refuses the promotion, and goes on there when it is mended', async () => {
    const emulator = await lost();
    const times = 1;
    await emulator.inject({
      answer: 'error',
      action: 'PromoteReadReplica',
      code: 'AccessDenied',
      status: 403,
      times,
    });
    const { code, output } = await command(emulator, '--yes');
    expect(output).toContain('(OperationHalted)');
    expect(output).toContain(
      'us-east-1 is kept out of DNS and us-west-2 is not promoted: no region takes writes',
    );
    expect(output).toContain('goes on there: tandem failover production --to us-west-2');
    expect(code).toBe(1);
    expect(await command(emulator, '--yes')).toMatchObject({ code: 0 });
    expect(await endOf(emulator)).toMatchObject({ outcome: 'done', latch: 'closed' });
  });

  it('has a journal that takes the write of one of two runners', async () => {
    const emulator = await lost();
    expect(await command(emulator, '--yes')).toMatchObject({ code: 0 });
    const before = { ...process.env };
    Object.assign(process.env, emulator.environment);
    const aws = new AwsTarget([west]);
    const [one, two] = [1, 2].map(() => new Journal(aws, 'production', west));
    const found = await one?.read();
    await two?.read();
    if (!one || !two || !found) throw new TypeError('no journal');
    await one.write({ ...found.record, owner: 'one' });
    await expect(two.write({ ...found.record, owner: 'two' })).rejects.toMatchObject({
      code: 'OperationLost',
    });
    await one.write({ ...found.record, owner: 'one' });
    expect(await two.read()).toMatchObject({ record: { owner: 'one' }, beat: found.beat + 2 });
    aws.close();
    process.env = before;
  });
});
