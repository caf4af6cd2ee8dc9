import { asked, awsEnvironment, endState, tandem } from './command';
import { Emulator, missingForStacks } from './emulator';
import { killedAfter } from './killed';
import { createStores, publishLag } from './stores';

const production = awsEnvironment('production');
const [east, west] = production.regions;
const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };
const switchover = ['switchover', 'production', '--to', west];

const lack = missingForStacks();
const title = 'tandem switchover';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  jest.setTimeout(900_000);
  let whole: Emulator;
  const forks: Emulator[] = [];
  beforeAll(async () => {
    whole = await Emulator.start(production.account);
    await createStores(production, (region) => ({ region, endpoint: whole.endpoint, credentials }));
  });
  afterAll(() => {
    [whole, ...forks].forEach((each) => each.stop());
  });

  /** An environment of its own for a test, whose replica follows. */
  async function following(): Promise<Emulator> {
    const emulator = await whole.fork();
    forks.push(emulator);
    await lag(emulator, [0, 0]);
    return emulator;
  }

  const lag = ({ endpoint }: Emulator, seconds: readonly number[], ago?: number) =>
    publishLag(production, { region: west, endpoint, credentials }, seconds, 1, ago);

  /** RDS publishes once a minute; a sample counts from the minute that begins after the writes stopped. */
  async function whilePublishing<T>(emulator: Emulator, ended: Promise<T>): Promise<T> {
    const publishing = setInterval(() => void lag(emulator, [0], 0), 5_000);
    return ended.finally(() => clearInterval(publishing));
  }

  it('takes no loss: a replica that is behind is refused, whatever one accepts', async () => {
    const emulator = await whole.fork();
    forks.push(emulator);
    await lag(emulator, [31]);
    const { code, output } = await tandem([...switchover, '--yes'], emulator.environment);
    expect(output).toContain('31 s behind');
    expect(code).toBe(1);
    expect((await tandem([...switchover, '--yes', '--accept-loss'], emulator.environment)).code).toBe(64);
    expect((await endState(emulator, production, west)).database).toHaveProperty('source');
  });

  // Nobody answers at the region's own name here, so that it waits for as long as a workload may take to notice.
  it('moves the public name, sees the replica past the last write, then promotes', async () => {
    const emulator = await following();
    const since = Date.now();
    const ended = tandem([...switchover, '--yes'], emulator.environment);
    const { code, output } = await whilePublishing(emulator, ended);
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

  it('takes back what it did when the replica does not follow any more', async () => {
    const emulator = await following();
    const ended = tandem([...switchover, '--yes'], emulator.environment);
    const { code, output } = await ended;
    expect(output).toContain('it was taken back, and us-east-1 is active as before');
    expect(code).toBe(1);
    const end = await endState(emulator, production, west);
    expect(end).toMatchObject({ outcome: 'undone', latch: 'open' });
    expect(end.database).toHaveProperty('source');
  });

  // Begun, seven steps twice, ended: half of them at a time, for a runner that gets no processor loses its lease.
  it.each([[1, 8] as const, [9, 16] as const])(
    'ends the same when its runner is killed without warning after journal entry %i to %i, and it is run again',
    async (first, last) => {
      const emulators: Emulator[] = [];
      while (emulators.length <= last - first) emulators.push(await following());
      const ends = emulators.map(async (emulator, at) => {
        const killed = await whilePublishing(emulator, killedAfter(first + at, emulator, switchover));
        const again = await whilePublishing(emulator, tandem([...switchover, '--yes'], emulator.environment));
        // Nothing to say: it was killed.
        const said = killed.code === null ? '' : killed.output;
        return { emulator, entries: killed.entries, killed: killed.code, said, again: again.code };
      });
      for (const [at, { emulator, ...end }] of (await Promise.all(ends)).entries()) {
        expect(end).toEqual({ entries: first + at, killed: null, said: '', again: 0 });
        const { database, ...rest } = await endState(emulator, production, west);
        expect(rest).toMatchObject({ latch: 'closed', outcome: 'done', cache: { primary: true } });
        expect(database).toMatchObject({ status: 'available' });
        expect(database).not.toHaveProperty('source');
        const calls = await asked(emulator);
        expect(calls.filter((each) => each.startsWith('rds:PromoteReadReplica'))).toHaveLength(1);
      }
    },
  );
});
