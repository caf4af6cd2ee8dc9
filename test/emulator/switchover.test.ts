import { asked, awsEnvironment, endState, tandem } from './command';
import { Emulator, missingForStacks } from './emulator';
import { createStores, publishLag } from './stores';

const production = awsEnvironment('production');
const [east, west] = production.regions;
const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };

const lack = missingForStacks();
const title = 'tandem switchover';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  jest.setTimeout(600_000);
  let emulator: Emulator;
  const clientOf = (region: string) => ({ region, endpoint: emulator.endpoint, credentials });
  beforeAll(async () => {
    emulator = await Emulator.start(production.account);
    await createStores(production, clientOf);
  });
  afterAll(() => emulator.stop());

  const switchover = (...args: readonly string[]) =>
    tandem(['switchover', 'production', '--to', west, ...args], emulator.environment);

  it('takes no loss: a replica that is behind is refused, whatever one accepts', async () => {
    await publishLag(production, clientOf(west), [31], 1, 240);
    const { code, output } = await switchover('--yes');
    expect(output).toContain('31 s behind');
    expect(code).toBe(1);
    expect((await switchover('--yes', '--accept-loss')).code).toBe(64);
    expect((await endState(emulator, production, west)).database).toHaveProperty('source');
  });

  // Nobody answers at the region's own name here, so that it waits for as long as a workload may take to notice.
  it('moves the public name, sees the replica past the last write, then promotes', async () => {
    await publishLag(production, clientOf(west), [0, 0]);
    await emulator.forgetCalls();
    const since = Date.now();
    const ended = switchover('--yes');
    // RDS publishes once a minute; a sample counts from the minute that begins after the writes stopped.
    const publishing = setInterval(() => void publishLag(production, clientOf(west), [0], 1, 0), 5_000);
    const { code, output } = await ended;
    clearInterval(publishing);
    expect({ code, output }).toEqual({ code: 0, output });
    expect(output).toContain('Next: tandem rebuild production --region us-east-1');
    expect(Date.now() - since).toBeGreaterThan(155_000);
    const end = await endState(emulator, production, west);
    expect(end).toMatchObject({ latch: 'closed', outcome: 'done', cache: { primary: true } });
    expect(end.database).not.toHaveProperty('source');
    const calls = await asked(emulator, 'changes');
    const at = (call: string) => calls.indexOf(call);
    // Two kinds of metrics are put in the west: the latch's, and the lag that this test plays.
    expect(at(`monitoring:PutMetricData ${east}`)).toBeGreaterThan(-1);
    expect(at(`rds:PromoteReadReplica ${west}`)).toBeGreaterThan(at(`monitoring:PutMetricData ${east}`));
  });
});
