import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { tandem } from './command';
import { Emulator, missingForStacks } from './emulator';

const account = '111122223333';
const regions = ['us-east-1', 'us-west-2'] as const;
const bucketOf = (region: string) => `tandem-production-${region}-state-${account}`;

const lack = missingForStacks();
const title = 'tandem bootstrap production';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tandem-bootstrap-'));
  const kept = join(cwd, '.tandem');
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await Emulator.start(account);
  }, 90_000);
  afterAll(() => {
    emulator.stop();
    rmSync(cwd, { recursive: true, force: true });
  });

  /** @param until kills the command without warning as soon as it says this */
  const bootstrap = (args: readonly string[], until?: string) =>
    tandem(['bootstrap', 'production', ...args], emulator.environment, {
      cwd,
      ...(until !== undefined && { until: { says: until, signal: 'SIGKILL' } }),
    });

  const localStates = () =>
    readdirSync(kept, { recursive: true, encoding: 'utf8' }).filter(
      // Terraform's own record of where the state is, in .terraform, is none.
      (path) => /\.tfstate(\.backup)?$/.test(path) && !path.includes('.terraform/'),
    );

  it('changes nothing when nobody can say yes', async () => {
    const { code, output } = await bootstrap([]);
    expect(output).toContain('(NotConfirmed)');
    expect(output).toContain('tandem-production-us-east-1-state: add 17, change 0, destroy 0');
    expect(code).toBe(1);
    expect(await emulator.objects(bucketOf('us-east-1'))).toBeUndefined();
    expect(await emulator.keys('us-east-1')).toEqual([]);
  }, 600_000);

  // In this order each is met by the run after the one that was killed before.
  it.each(['aws_s3_bucket.state_bucket: Creation complete', 'us-east-1-state: applied'])(
    'goes on after it was killed at “%s”',
    async (until) => {
      const { code, output } = await bootstrap(['--yes'], until);
      expect(output).toContain(until);
      expect(code).toBeNull();
    },
    600_000,
  );

  it('takes over what is there when its folder is lost before the state was moved, the key too', async () => {
    // Two: a key has no name, so the one that was in the making when its command was killed is found by nobody.
    const before = await emulator.keys('us-east-1');
    rmSync(kept, { recursive: true });
    const until = 'us-east-1-state: state moved';
    const { code, output } = await bootstrap(['--yes'], until);
    expect(output).toContain('aws_s3_bucket.state_bucket: exists, taken over');
    expect(output).toContain('aws_dynamodb_table.locks: exists, taken over');
    expect(output).toContain(until);
    expect(code).toBeNull();
    expect(before).toHaveLength(2);
    expect(await emulator.keys('us-east-1')).toEqual(before);
  }, 600_000);

  it.each(['us-west-2-state: applied', 'identity: apply'])(
    'goes on after it was killed at “%s”',
    async (until) => {
      const { code, output } = await bootstrap(['--yes'], until);
      expect(output).toContain(until);
      expect(code).toBeNull();
    },
    600_000,
  );

  it('ends with every state in its region’s bucket and none in the folder', async () => {
    const { code, output } = await bootstrap(['--yes']);
    expect(output).toMatch(/Done|Nothing to do/);
    expect(code).toBe(0);
    expect(localStates()).toEqual([]);
    const [first, second] = await Promise.all(regions.map((region) => emulator.objects(bucketOf(region))));
    expect(first).toEqual(['state.tfstate']);
    expect(second).toEqual(['global/identity.tfstate', 'global/state-backup.tfstate', 'state.tfstate']);
    const state = z.object({ resources: z.array(z.object({ type: z.string() })) });
    for (const region of regions) {
      const { resources } = state.parse(JSON.parse(await emulator.object(bucketOf(region), 'state.tfstate')));
      expect(resources).toHaveLength(17);
    }
    expect(await emulator.keys('us-west-2')).toHaveLength(1);
  }, 600_000);

  it('has nothing to do after that, and needs no yes to say so', async () => {
    const { code, output } = await bootstrap([]);
    expect(output).toContain('Nothing to do');
    expect(output.match(/as declared/g)).toHaveLength(4);
    expect(code).toBe(0);
  }, 600_000);

  it('finds a change that was made behind its back, and asks', async () => {
    await emulator.dropBucketPolicy(bucketOf('us-west-2'));
    const { code, output } = await bootstrap([]);
    expect(output).toContain('tandem-production-us-west-2-state: add 1, change 0, destroy 0');
    expect(output).toContain('(NotConfirmed)');
    expect(code).toBe(1);
  }, 600_000);

  it('is removed as a whole, also after that was killed on the way', async () => {
    const until = 'us-west-2-state: destroy';
    const killed = await bootstrap(['--remove', '--yes'], until);
    expect(killed.output).toContain(until);
    expect(killed.code).toBeNull();
    expect((await bootstrap(['--remove'])).output).toContain('(NotConfirmed)');
    const { code, output } = await bootstrap(['--remove', '--yes']);
    expect({ code, output }).toEqual({ code: 0, output });
    // The key that was in the making when its command was killed is found by nobody, here neither.
    expect(await emulator.inventory()).toEqual([expect.stringMatching(/^kms\/keys us-east-1 /)]);
  }, 1_200_000);
});
