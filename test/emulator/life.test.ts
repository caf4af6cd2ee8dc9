import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseRoles, type Role } from '../../environments/roles';
import { asked, awsEnvironment, Checkout, endState, type Ended, tandem } from './command';
import { Emulator, missingForStacks } from './emulator';
import { killedAfter, killedAt } from './killed';
import { commandsOf, follow, missingForShell } from './runbook';
import { publishLag } from './stores';

// A region's databases and caches take the provider eight minutes of fixed waits, and are made three times here.
jest.setTimeout(3_600_000);

const production = awsEnvironment('production');
const [east, west] = production.regions;
const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };
const instance = (region: string, generation: number) =>
  `tandem-production-${region}-postgres-g${generation}`;

/** What reconcile says as JSON, as far as it is asked here. */
const reconciled = z.object({
  active: z.string(),
  unreached: z.array(z.string()),
  plans: z.array(z.object({ stack: z.string(), outcome: z.string() })),
});

const lack = missingForStacks();
const title = 'the life of production';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  let aws: Emulator;
  let bootstrapped: readonly string[];
  /** The same environment somewhere else, which goes down while this one lives on. */
  let doomed: Emulator;
  let down: Promise<Ended>;
  const checkout = new Checkout();
  /** Another person's. */
  const elsewhere = new Checkout();
  beforeAll(async () => {
    aws = await Emulator.start(production.account);
  });
  afterAll(() => {
    [aws, doomed].forEach((each: Emulator | undefined) => each?.stop());
    checkout.remove();
    elsewhere.remove();
  });

  const run = (args: string, options: Parameters<typeof tandem>[2] = {}, on = aws) =>
    tandem(args.split(' '), on.environment, { checkout: checkout.folder, ...options });
  const done = async (args: string) => {
    const { code, output } = await run(args);
    expect({ code, output }).toEqual({ code: 0, output });
    return output;
  };
  const lag = (region: string, seconds: readonly number[], generation = 1, ago?: number) =>
    publishLag(production, { region, endpoint: aws.endpoint, credentials }, seconds, generation, ago);
  const roles = () => checkout.rolesOf(production);
  const declared = (first: Role, firstGeneration: number, second: Role, secondGeneration = 1) =>
    parseRoles(
      {
        production: {
          [east]: { role: first, generation: firstGeneration },
          [west]: { role: second, generation: secondGeneration },
        },
      },
      production,
    );
  const databaseOf = async (region: string, generation: number) =>
    (await endState(aws, production, region, generation)).database;
  /** All that is there but RDS's own snapshots, which come and go with an instance's backups. */
  const inventory = async (of = aws) => (await of.inventory()).filter((each) => !/ rds:[^ ]+$/.test(each));

  it('needs the state buckets, and says how to get them', async () => {
    const { code, output } = await run('up production --yes');
    expect(output).toContain('(BootstrapMissing)');
    expect(output).toContain('tandem bootstrap production');
    expect(code).toBe(1);
    await done('bootstrap production --yes');
    bootstrapped = await inventory();
  });

  it('shows the first layer and changes nothing when nobody can say yes', async () => {
    const { code, output } = await run('up production');
    expect(output).toMatch(/tandem-production-us-east-1-network: add \d\d, change 0, destroy 0/);
    expect(output).toContain('(NotConfirmed)');
    expect(code).toBe(1);
    expect(await inventory()).toEqual(bootstrapped);
  });

  it('ends in order when it is interrupted, with its locks released', async () => {
    const until = { says: 'network: 5 of', signal: 'SIGINT' } as const;
    const { code, output } = await run('up production --yes', { until });
    expect(output).toContain('asked to end: Terraform finishes this stack first');
    expect(output).toContain('Next: tandem up production goes on where this ended');
    expect(code).toBe(130);
  });

  it('goes on from there, also twice at once: the state is whole, and one run waits or says why it ended', async () => {
    const both = await Promise.all([
      run('up production --yes'),
      run('up production --yes', { checkout: elsewhere.folder }),
    ]);
    for (const { code, output } of both.filter((each) => each.code !== 0)) {
      expect(code).toBe(1);
      expect(output).toMatch(/\((PlanOvertaken|StateLocked)\)/);
    }
    await done('up production --yes');
    expect(readFileSync(join(checkout.folder, 'environments/recorded.json'), 'utf8')).toContain(
      'globalDatastoreId',
    );
  });

  it('then has nothing to do, keeps what an interrupted creation left half made, and needs no yes to say so', async () => {
    const before = await aws.keys(east);
    const { status } = spawnSync('terraform', ['taint', 'aws_kms_key.data'], {
      cwd: join(checkout.folder, `.tandem/stacks/tandem-production-${east}-keys`),
      env: aws.environment,
    });
    expect(status).toBe(0);
    const output = await done('up production');
    expect(output).toContain(
      `tandem-production-${east}-keys: aws_kms_key.data was left half made; it is kept`,
    );
    expect(output).toContain('Nothing to do');
    expect(output.match(/: nothing to change/g)).toHaveLength(12);
    expect(await aws.keys(east)).toEqual(before);
  });

  it('shows in status what RDS and CloudWatch say', async () => {
    const output = await done('status production');
    expect(output).toContain(`${instance(east, 1)}: primary, available`);
    expect(output).toContain(`${instance(west, 1)}: copy, lag not reported, available`);
    expect(output.match(/latch open/g)).toHaveLength(2);
    expect(output).toContain('roles as declared');
  });

  it('refuses an edit that would replace the databases, and applies nothing of it', async () => {
    const built = join(checkout.folder, 'dist/tandem.js');
    const whole = readFileSync(built, 'utf8');
    const edited = whole.replace('storageEncrypted: true', 'storageEncrypted: false');
    expect(edited).not.toBe(whole);
    writeFileSync(built, edited);
    const before = await inventory();
    const { code, output } = await run('up production --yes');
    writeFileSync(built, whole);
    expect(output).toContain('(GuardRefused)');
    for (const which of ['', '_read_1', '_read_2']) {
      expect(output).toContain(
        `tandem-production-${east}-data: aws_db_instance.postgres${which}_g1 would be replaced, because storage_encrypted changes`,
      );
    }
    expect(code).toBe(1);
    expect(await inventory()).toEqual(before);
  });

  const noShell = missingForShell();
  const restores = 'gets a lost state bucket back by the runbook, with nothing to change after';
  (noShell ? it.skip : it)(noShell ? `${restores} (${noShell})` : restores, async () => {
    const bereft = await aws.fork();
    try {
      await bereft.dropBucket(`tandem-production-${east}-state-${production.account}`);
      const { code, output } = await follow('lost-state-bucket', bereft.environment, checkout.folder);
      expect({ code, output }).toEqual({ code: 0, output });
      expect(output).toContain('aws_s3_bucket.state_bucket: exists, taken over');
      // The plan at its end says 2 when anything would change.
    } finally {
      bereft.stop();
    }
  });

  it('goes down only when each thing is named that would be lost', async () => {
    doomed = await aws.fork();
    const options = { checkout: elsewhere.folder };
    const { code, output } = await run('down production --yes', options, doomed);
    expect(output).toContain('(DownRefused)');
    expect(code).toBe(1);
    const named = [...output.matchAll(/^ +(tandem-\S+\/aws_\S+)$/gm)].map(([, each = '']) => each);
    expect(named).toContain(`tandem-production-${east}-data/aws_db_instance.postgres_g1`);
    expect(await inventory(doomed)).toEqual(await inventory());
    expect((await run('bootstrap production --remove --yes', options, doomed)).output).toContain(
      '(DownRefused)',
    );
    const [, ...butOne] = named;
    const refused = await run(`down production --yes --destroy ${butOne.join(' ')}`, options, doomed);
    expect(refused.output).toContain('(DownRefused)');
    expect(await inventory(doomed)).toEqual(await inventory());
    down = run(`down production --yes --destroy ${named.join(' ')}`, options, doomed);
  });

  it('fails over to the second region while the first is dark, and asks nothing of the first', async () => {
    await lag(west, [0, 1, 2]);
    await aws.darken(east);
    await aws.forgetCalls();
    for (const args of commandsOf('failover').slice(0, 2)) await done(`${args.join(' ')} --yes`);
    expect(new Set((await aws.calls()).map(({ region }) => region))).toEqual(new Set([west]));
    expect(await databaseOf(west, 1)).not.toHaveProperty('source');
    expect(roles()).toEqual(declared('active', 1, 'standby'));
    expect((await run('status production')).output).toContain(
      'database unreachable: rds:DescribeDBInstances in us-east-1',
    );
  });

  it('is not undone by up, whether the first region answers or not', async () => {
    for (const dark of [[east], []]) {
      await aws.darken(...dark);
      await aws.forgetCalls();
      const { code, output } = await run('up production --yes');
      expect(output).toContain('(RolesDisagree)');
      expect(output).toContain(`its ${instance(west, 1)} copies nothing: it was promoted`);
      expect(output).toContain('tandem reconcile production');
      expect(code).toBe(1);
      expect(await asked(aws, 'changes')).toEqual([]);
    }
  });

  const [, , declare = []] = commandsOf('failover');
  /** Reconciles, and sees that every stack has a plan and that none would change anything. */
  async function reconcile(active: string): Promise<void> {
    const said = reconciled.parse(JSON.parse(await done(`${declare.join(' ')} --yes --json`)));
    expect(said).toMatchObject({ active, unreached: [] });
    expect(said.plans).toHaveLength(16);
    expect(said.plans.filter(({ outcome }) => outcome !== 'none')).toEqual([]);
  }

  it('is handed back to Terraform by reconcile: the roles are declared, and no stack has anything to change', async () => {
    await reconcile(west);
    expect(roles()).toEqual(declared('fenced', 1, 'active'));
  });

  it('rebuilds exactly the fenced instances under the next generation, however often it is killed, and leaves a final snapshot', async () => {
    const before = await inventory();
    const [listed = [], rebuild = [], plan = []] = commandsOf('rebuild');
    await done(listed.join(' '));
    const options = { checkout: checkout.folder };
    // Begun; a step begun; then a step a run until only Terraform's is left: the latch, and three instances unprotected.
    for (const entry of [1, 2, 3, 3, 3, 3]) {
      expect(await killedAfter(entry, aws, rebuild, options)).toMatchObject({ code: null });
    }
    // The machine dies: nobody is left who writes the state, or gives back its lock.
    const killed = await killedAt('CreateDBInstanceReadReplica', 'machine', aws, rebuild, checkout.folder);
    expect(killed).toMatchObject({ code: null });
    const locked = await run(`${rebuild.join(' ')} --yes`);
    expect(locked.output).toContain('(OperationHalted)');
    const [, folder = '', id = ''] =
      /terraform (-chdir=\S+) force-unlock ([0-9a-f-]+)/.exec(locked.output) ?? [];
    const unlocked = spawnSync('terraform', [folder, 'force-unlock', '-force', id], {
      cwd: checkout.folder,
      env: aws.environment,
      encoding: 'utf8',
    });
    expect(unlocked).toMatchObject({ status: 0 });
    // What AWS had made is imported; another run may meet more of it, that waited for the first.
    let rebuilt = await run(`${rebuild.join(' ')} --yes`);
    expect(rebuilt.output).toContain('a run made it that was ended before it wrote its state');
    for (let again = 0; again < 3 && rebuilt.code !== 0; again++) {
      rebuilt = await run(`${rebuild.join(' ')} --yes`);
    }
    const { code, output } = rebuilt;
    expect({ code, output }).toEqual({ code: 0, output });
    expect(output).toContain(`Done: ${east} is a standby of ${west}, generation 2`);
    const after = await inventory();
    const stored = (each: string) => !each.startsWith('logs/');
    const instances = (generation: number) =>
      ['', '-read-1', '-read-2'].map(
        (which) => `rds/databases ${east} tandem-production-${east}-postgres${which}-g${generation}`,
      );
    expect(before.filter((each) => stored(each) && !after.includes(each))).toEqual(instances(1));
    const made = after.filter((each) => stored(each) && !before.includes(each));
    expect(made.filter((each) => each.startsWith('rds/databases'))).toEqual(instances(2));
    expect(made.filter((each) => !each.startsWith('rds/databases'))).toEqual([
      expect.stringMatching(`^rds/database_snapshots ${east} ${instance(east, 1)}-`),
    ]);
    expect(await databaseOf(east, 2)).toMatchObject({ status: 'available', deletionProtection: true });
    expect(await databaseOf(east, 2)).toHaveProperty('source');
    expect(roles()).toEqual(declared('standby', 2, 'active'));
    // Which says 2 when anything would change.
    await done(plan.join(' '));
  });

  it('switches back by the runbook with the regions exchanged, is reconciled and rebuilt, and no stack has anything to change', async () => {
    const exchanged = new Map<string, string>([
      [east, west],
      [west, east],
    ]);
    const [listed = [], switchover = [], again = [], rebuild = []] = commandsOf('switchover').map((args) =>
      args.map((each) => exchanged.get(each) ?? each),
    );
    await lag(east, [0, 0], 2);
    await done(listed.join(' '));
    // RDS publishes once a minute; a sample counts from the minute that begins after the writes stopped.
    const publishing = setInterval(() => void lag(east, [0], 2, 0), 5_000);
    await done(`${switchover.join(' ')} --yes`).finally(() => clearInterval(publishing));
    expect(await databaseOf(east, 2)).not.toHaveProperty('source');
    expect(again).toEqual(declare);
    await reconcile(east);
    expect(roles()).toEqual(declared('active', 2, 'fenced'));
    // Terraform goes on without the command that started it, writes its state and gives back its lock.
    await killedAt('CreateDBInstanceReadReplica', 'command', aws, rebuild, checkout.folder);
    let rebuilt = await run(`${rebuild.join(' ')} --yes`);
    for (let again = 0; again < 5 && rebuilt.output.includes('is locked by'); again++) {
      rebuilt = await run(`${rebuild.join(' ')} --yes`);
    }
    expect({ code: rebuilt.code, output: rebuilt.output }).toEqual({ code: 0, output: rebuilt.output });
    expect(rebuilt.output).not.toContain('a run made it');
    expect(await databaseOf(west, 2)).toHaveProperty('source');
    expect(roles()).toEqual(declared('active', 2, 'standby', 2));
    await done('plan production');
  });

  it('leaves nothing after down and bootstrap --remove but final snapshots and logs, which a protected environment keeps', async () => {
    const { code, output } = await down;
    expect({ code, output }).toMatchObject({ code: 0 });
    const left = (await inventory(doomed)).filter((each) => !bootstrapped.includes(each));
    const meant = /^(rds\/database_snapshots|elasticache\/snapshots|logs\/groups) /;
    expect(left.filter((each) => !meant.test(each))).toEqual([]);
    expect(left.filter((each) => each.startsWith('rds/'))).not.toEqual([]);
    const options = { checkout: elsewhere.folder };
    expect((await run('down production', options, doomed)).output).toContain('Nothing to do');
    const removed = await run('bootstrap production --remove --yes', options, doomed);
    expect({ code: removed.code, output: removed.output }).toMatchObject({ code: 0 });
    expect((await inventory(doomed)).filter((each) => !meant.test(each))).toEqual([]);
  });
});
