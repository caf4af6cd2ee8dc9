import { PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvironment } from '../../environments';
import { Emulator, missingForStacks } from './emulator';

jest.setTimeout(1_800_000);

const account = '111122223333';
const repository = join(__dirname, '../..');
const [east, west] = loadEnvironment('dev').regions;

/** The command beside files of its own, for it writes environments/recorded.json. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-up-'));
  mkdirSync(join(folder, 'environments'));
  for (const part of ['dist', 'environments/roles.json', 'environments/recorded.json', 'package.json']) {
    cpSync(join(repository, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const lack = missingForStacks();
const title = 'the life of dev: up, status, down';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const home = installed();
  let aws: Emulator;
  let bootstrapped: readonly string[];
  beforeAll(async () => {
    aws = await Emulator.start(account);
  });
  afterAll(() => {
    aws.stop();
    rmSync(home, { recursive: true, force: true });
  });

  interface Options {
    readonly on?: Emulator;
    /** Where it keeps its plans and Terraform's records: another person has another folder. */
    readonly cwd?: string;
    /** Asks it to end as soon as it says this. */
    readonly until?: string;
  }
  const tandem = (args: string, { on = aws, cwd = home, until }: Options = {}) =>
    new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
      const child = spawn(process.execPath, [join(home, 'dist/tandem.js'), ...args.split(' ')], {
        cwd,
        env: on.environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      const hear = (chunk: Buffer) => {
        const before = until !== undefined && output.includes(until);
        output += chunk.toString();
        if (until !== undefined && !before && output.includes(until)) child.kill('SIGINT');
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('close', (code) => resolve({ code, output }));
    });

  it('needs the state buckets, and says how to get them', async () => {
    const { code, output } = await tandem('up dev --yes');
    expect(output).toContain('(BootstrapMissing)');
    expect(output).toContain('tandem bootstrap dev');
    expect(code).toBe(1);
    expect((await tandem('bootstrap dev --yes')).code).toBe(0);
    bootstrapped = await aws.inventory();
  });

  it('shows the first layer and changes nothing when nobody can say yes', async () => {
    const { code, output } = await tandem('up dev');
    expect(output).toMatch(/tandem-dev-us-east-1-network: add \d\d, change 0, destroy 0/);
    expect(output).toContain('(NotConfirmed)');
    expect(code).toBe(1);
    expect(await aws.inventory()).toEqual(bootstrapped);
  });

  it('ends in order when it is interrupted, with its locks released', async () => {
    const { code, output } = await tandem('up dev --yes', { until: 'network: 5 of' });
    expect(output).toContain('Next: tandem up dev goes on where this ended');
    expect(code).toBe(130);
  });

  it('goes on from there, also twice at once: the state is whole, and one run waits or says why it ended', async () => {
    const other = mkdtempSync(join(home, 'other-'));
    const both = await Promise.all([tandem('up dev --yes'), tandem('up dev --yes', { cwd: other })]);
    for (const { code, output } of both.filter((each) => each.code !== 0)) {
      expect(code).toBe(1);
      expect(output).toMatch(/\((PlanOvertaken|StateLocked)\)/);
    }
    expect((await tandem('up dev --yes')).code).toBe(0);
  });

  it('then has nothing to do, and needs no yes to say so', async () => {
    const { code, output } = await tandem('up dev');
    expect(output).toContain('Nothing to do');
    expect(output.match(/: nothing to change/g)).toHaveLength(12);
    expect(code).toBe(0);
  });

  it('shows in status what RDS and CloudWatch say', async () => {
    const { code, output } = await tandem('status dev');
    expect(output).toContain(`tandem-dev-${east}-postgres-g1: primary, available`);
    expect(output).toContain(`tandem-dev-${west}-postgres-g1: copy, lag not reported, available`);
    expect(output.match(/latch open/g)).toHaveLength(2);
    expect(output).toContain('roles as declared');
    expect(code).toBe(0);
  });

  it('refuses to undo a failover, and status names it; a dark region is unreachable and no error', async () => {
    const after = await aws.fork();
    try {
      const { endpoint } = after;
      const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };
      await new RDSClient({ region: west, endpoint, credentials }).send(
        new PromoteReadReplicaCommand({ DBInstanceIdentifier: `tandem-dev-${west}-postgres-g1` }),
      );
      await after.forgetCalls();
      const up = await tandem('up dev --yes', { on: after });
      expect(up.output).toContain('(RolesDisagree)');
      expect(up.output).toContain('it was promoted');
      expect(up.output).toContain('tandem reconcile dev');
      expect(up.code).toBe(1);
      // It asked RDS, and nothing else.
      expect(new Set((await after.calls()).map(({ action }) => action))).toEqual(
        new Set(['DescribeDBInstances']),
      );

      await after.darken(east);
      const status = await tandem('status dev', { on: after });
      expect(status.output).toContain('database unreachable: rds:DescribeDBInstances in us-east-1');
      expect(status.output).toContain(`tandem-dev-${west}-postgres-g1: primary`);
      expect(status.code).toBe(0);
    } finally {
      after.stop();
    }
  });

  it('keeps what an interrupted creation left half made, and finishes it in place', async () => {
    const key = () => aws.keys(east);
    const before = await key();
    const { status } = spawnSync('terraform', ['taint', 'aws_kms_key.data'], {
      cwd: join(home, `.tandem/stacks/tandem-dev-${east}-keys`),
      env: aws.environment,
    });
    expect(status).toBe(0);
    const { code, output } = await tandem('up dev --yes');
    expect(output).toContain(`tandem-dev-${east}-keys: aws_kms_key.data was left half made; it is kept`);
    expect(output).toContain('Nothing to do');
    expect(code).toBe(0);
    expect(await key()).toEqual(before);
  });

  it('refuses an edit that would replace the database, and applies nothing of it', async () => {
    const built = join(home, 'dist/tandem.js');
    const whole = readFileSync(built, 'utf8');
    const edited = whole.replace('storageEncrypted: true', 'storageEncrypted: false');
    expect(edited).not.toBe(whole);
    writeFileSync(built, edited);
    const { code, output } = await tandem('up dev --yes');
    writeFileSync(built, whole);
    expect(output).toContain('(GuardRefused)');
    expect(output).toContain(
      `tandem-dev-${east}-data: aws_db_instance.postgres_g1 would be replaced, because storage_encrypted changes`,
    );
    expect(code).toBe(1);
  });

  it('leaves nothing after down but what bootstrap made', async () => {
    const asked = await tandem('down dev');
    expect(asked.output).toContain('(NotConfirmed)');
    expect(asked.output).toContain(`tandem-dev-${east}-data/aws_db_instance.postgres_g1`);
    const { code, output } = await tandem('down dev --yes');
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(await aws.inventory()).toEqual(bootstrapped);
    expect((await tandem('down dev')).output).toContain('Nothing to do');
  });
});
