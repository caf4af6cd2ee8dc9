import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { loadEnvironment } from '../../environments';
import { RegionalAws } from '../../failover/autopilot/aws';
import { Lookout } from '../../failover/autopilot/look';
import { JournalLook } from '../../failover/autopilot/operation';
import { takeOver } from '../../failover/autopilot/take-over';
import { watch } from '../../failover/autopilot/watch';
import { Journal } from '../../failover/operations/journal';
import { AwsTarget } from '../../failover/targets/aws';
import { instanceArn } from '../../modules/postgres/aws';
import { World } from './autopilot-scene';
import { Emulator, missing } from './emulator';
import { createStores, publishLag } from './stores';

const environment = loadEnvironment('production');
if (environment.target !== 'aws') throw new TypeError('production is on AWS');
const [peer, own] = environment.regions;
/** The rules at about a thirtieth of production's time: a round of 0.2 s, a window of 1 s. */
const fast = { everyMs: 200, timing: { window: 1, patience: 3, gap: 10, rpo: 30 } };

/** What a switchover's runner writes into the journal. */
const switchover = {
  schema: 'tandem/operation/v1',
  operation: 'switchover',
  from: peer,
  to: own,
  startedAt: new Date().toISOString(),
  owner: 'a test',
  outcome: 'running',
} as const;

const lack = missing();
const title = 'the autopilot on an emulated AWS';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const before = { ...process.env };
  let made: Emulator;
  let aws: Emulator;
  let world: World;
  const running: Autopilot[] = [];
  const of = (region: string) => ({ region, endpoint: aws.endpoint });

  beforeAll(async () => {
    made = aws = await Emulator.start(environment.account);
    Object.assign(process.env, made.environment);
    await createStores(environment, of);
  }, 90_000);
  afterAll(() => {
    made.stop();
    process.env = before;
  });
  beforeEach(async () => {
    aws = await made.fork();
    Object.assign(process.env, aws.environment);
    const target = new AwsTarget([peer]);
    const arn = instanceArn(environment.name, peer, 1, environment.account);
    world = await World.start(
      environment,
      own,
      peer,
      await new RegionalAws(target, environment, own, peer).endpointOf(arn),
    );
    target.close();
    await publishLag(environment, of(own), [0.3, 0.4, 0.4, 0.2]);
    await aws.forgetCalls();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((autopilot) => autopilot.end()));
    await world.stop();
    aws.stop();
  });

  interface Autopilot {
    readonly lines: Record<string, unknown>[];
    readonly end: () => Promise<void>;
  }
  /** As cli/watch.ts puts it together, but for its time and its network. */
  const start = (mode: 'observe' | 'act' = 'act'): Autopilot => {
    const lines: Record<string, unknown>[] = [];
    const log = (line: Readonly<Record<string, unknown>>) => lines.push({ ...line });
    const ending = new AbortController();
    const [looks, acts] = [new AwsTarget([own, peer]), new AwsTarget([own])];
    const regional = new RegionalAws(looks, environment, own, peer);
    const journal = new JournalLook(new Journal(looks, environment.name, own), own);
    const lookout = new Lookout({
      environment,
      region: own,
      peer,
      aws: regional,
      network: world.network,
      operation: () => journal.look(),
    });
    const ended = watch({
      ...fast,
      mode,
      look: (signal) => lookout.look(signal),
      report: (asks) => regional.report(asks),
      failover: takeOver({
        aws: acts,
        environment,
        region: own,
        database: () => regional.ownDatabase(),
        log,
      }),
      log,
      signal: ending.signal,
    });
    const autopilot = {
      lines,
      end: async () => {
        ending.abort(new DOMException('the test is over', 'AbortError'));
        await ended;
        looks.close();
        acts.close();
      },
    };
    running.push(autopilot);
    return autopilot;
  };

  const said = async ({ lines }: Autopilot, event: string, seconds = 30): Promise<void> => {
    const until = performance.now() + seconds * 1000;
    const found = () => lines.some((line) => line.event === event || line.verdict === event);
    while (!found() && performance.now() < until) await sleep(50);
    expect(lines.map((line) => line.verdict ?? line.event)).toContain(event);
  };
  const promotions = async () => {
    const calls = await aws.calls();
    return calls.filter(({ action, status }) => action === 'PromoteReadReplica' && status === 200).length;
  };

  it('fails over a region that goes dark, with nothing of it reachable, and once', async () => {
    const autopilot = start();
    await said(autopilot, 'stay');
    await aws.darken(peer);
    await world.losePeer();
    world.answerWith('own');
    await said(autopilot, 'failover-done');
    await sleep(3000);
    expect(await promotions()).toBe(1);
    expect(autopilot.lines.filter(({ event }) => event === 'failover-started')).toHaveLength(1);
    const last = autopilot.lines.at(-1);
    expect(last?.verdict).toBe('stay');
    expect(last?.reason).toContain('a primary');
    // Nothing was asked of the lost region by the failover, nor of what is global and lives in it.
    const asked = (await aws.calls()).filter(({ region }) => region !== own);
    expect([...new Set(asked.map(({ action }) => action))]).toEqual(['DescribeDBInstances']);
    const { record } = (await new Journal(new AwsTarget([own]), environment.name, own).read()) ?? {};
    expect(record).toMatchObject({ operation: 'failover', to: own, outcome: 'done' });
  }, 60_000);

  it('is two, and promotes once: the other finds that somebody is at it, or that it is done', async () => {
    await aws.pace('promotion', 3);
    const both = [start(), start()];
    for (const each of both) await said(each, 'stay');
    await world.losePeer();
    world.answerWith('own');
    await Promise.race(both.map((each) => said(each, 'failover-done', 60)));
    await sleep(3000);
    expect(await promotions()).toBe(1);
    for (const { lines } of both) {
      expect(lines.at(-1)?.reason).toContain('a primary');
      expect(lines.map(({ event }) => event)).not.toContain('failover-failed');
    }
  }, 120_000);

  it('takes up a failover to its region that its runner let go, and leaves out what that one did', async () => {
    const autopilot = start();
    await said(autopilot, 'stay');
    const target = new AwsTarget([own]);
    const journal = new Journal(target, environment.name, own);
    await journal.read();
    const at = new Date().toISOString();
    await journal.write({
      ...switchover,
      operation: 'failover',
      outcome: 'halted',
      found: [],
      steps: [{ name: 'close-latch', startedAt: at, endedAt: at, outcome: 'done' }],
    });
    target.close();
    await aws.forgetCalls();
    await world.losePeer();
    world.answerWith('own');
    await said(autopilot, 'failover-done');
    expect(await promotions()).toBe(1);
    expect(autopilot.lines).toContainEqual(
      expect.objectContaining({ phase: 'close-latch', text: 'done before, by the journal' }),
    );
  }, 60_000);

  it('only asks when it observes', async () => {
    const autopilot = start('observe');
    await said(autopilot, 'stay');
    await world.losePeer();
    world.answerWith('own');
    await said(autopilot, 'fail-over');
    await sleep(1000);
    expect(await promotions()).toBe(0);
  }, 60_000);

  /** Its journal as a switchover's runner writes it, beat after beat. */
  const beginSwitchover = async (): Promise<void> => {
    const target = new AwsTarget([own]);
    const journal = new Journal(target, environment.name, own);
    await journal.read();
    const beat = () => journal.write({ ...switchover, found: [], steps: [] });
    await beat();
    const timer = setInterval(() => void beat(), 1000);
    running.push({
      lines: [],
      end: () => {
        clearInterval(timer);
        target.close();
        return Promise.resolve();
      },
    });
  };

  /** What is done to the world, and what the autopilot says to it in the end. */
  const misses: [what: string, verdict: 'stay' | 'ask', reason: RegExp, happen: () => Promise<void>][] = [
    [
      'a flapping check',
      'ask',
      /not/,
      async () => {
        await world.losePeer();
        for (let turn = 0; turn < 8; turn += 1) {
          world.answerWith(turn % 2 === 0 ? 'own' : 'peer');
          await sleep(600);
        }
        world.answerWith('peer');
      },
    ],
    [
      'the standby is isolated',
      'ask',
      /connected/,
      async () => {
        await world.losePeer();
        await world.doors.edge.stop();
        world.answerWith('own');
      },
    ],
    [
      'too far behind',
      'ask',
      /not: within-rpo/,
      async () => {
        await publishLag(environment, of(own), [31, 31, 31, 31]);
        await world.losePeer();
        world.answerWith('own');
      },
    ],
    [
      'the database fine, the workload down for a deployment',
      'ask',
      /not: database-silent/,
      async () => {
        await world.losePeer(false);
        world.answerWith('own');
      },
    ],
    [
      'a switchover under way',
      'stay',
      /operation is under way/,
      async () => {
        await beginSwitchover();
        await world.losePeer();
        world.answerWith('own');
      },
    ],
    [
      'the region’s own AWS does not answer',
      'ask',
      /not: replica, .*connected/,
      async () => {
        await aws.darken(own);
        await world.losePeer();
        world.answerWith('own');
      },
    ],
  ];
  it.each(misses)(
    'does nothing at a near miss: %s (%s)',
    async (_what, verdict, reason, happen) => {
      const autopilot = start();
      await said(autopilot, 'stay');
      await happen();
      const last = () => autopilot.lines.filter(({ event }) => event === 'decision').at(-1);
      const settled = () => last()?.verdict === verdict && reason.test(String(last()?.reason));
      for (const until = performance.now() + 30_000; !settled() && performance.now() < until;)
        await sleep(100);
      expect(last()).toMatchObject({ verdict });
      expect(String(last()?.reason)).toMatch(reason);
      // Longer than its window and a round: what it would do, it would have done.
      await sleep(5000);
      expect(autopilot.lines.map(({ event }) => event)).not.toContain('failover-started');
      expect(await promotions()).toBe(0);
    },
    60_000,
  );

  it('is a process that says what it sees, and ends in order when it is told to', async () => {
    const program = join(__dirname, '../../dist/tandem.js');
    const child = spawn(process.execPath, [program, 'watch', 'production', '--region', own, '--observe'], {
      env: aws.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (!output.includes('"decision"')) await sleep(100);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    const line = z.looseObject({
      time: z.string(),
      environment: z.string(),
      region: z.string(),
      event: z.string(),
    });
    const lines = output
      .trim()
      .split('\n')
      .map((text) => line.parse(JSON.parse(text)));
    expect(lines.map(({ event }) => event)).toEqual(['started', 'decision', 'ended']);
    expect(lines[0]).toMatchObject({ mode: 'observe', timing: { window: 30 }, region: own });
    // Its names are nobody's here: it knows what AWS says and nothing of the rest, and that opens no gate.
    expect(lines[1]).toMatchObject({ verdict: 'stay' });
    expect(lines[1]?.missed).toHaveProperty('witness');
  }, 60_000);
});
