import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Evidence, evidenceSchema } from '../../failover/evidence/record';
import { Journal } from '../../failover/operations/journal';
import { AwsTarget } from '../../failover/targets/aws';
import { asked, awsEnvironment, Checkout, endState, tandem } from './command';
import { Emulator, missing } from './emulator';
import { createStores, publishLag } from './stores';

const production = awsEnvironment('production');
const [east, west] = production.regions;
const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };

/** On the stores alone: nothing stands for Terraform to plan, so that each drill ends in `reconcile`; deploy.test.ts has a whole one. */
const lack = missing();
const title = 'tandem drill on AWS';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  jest.setTimeout(400_000);
  let aws: Emulator;
  const checkout = new Checkout();
  const evidence = join(checkout.folder, 'evidence');
  beforeAll(async () => {
    aws = await Emulator.start(production.account);
    const clientOf = (region: string) => ({ region, endpoint: aws.endpoint, credentials });
    await createStores(production, clientOf);
    await publishLag(production, clientOf(west), [0, 1, 2]);
  });
  afterAll(() => {
    aws.stop();
    checkout.remove();
  });

  const drill = (...args: readonly string[]) =>
    tandem(['drill', 'production', ...args], aws.environment, { checkout: checkout.folder });
  const readings = () => readdirSync(evidence).toSorted();
  const newest = (): Evidence =>
    evidenceSchema.parse(
      JSON.parse(readFileSync(join(evidence, readings().at(-1) ?? '', 'evidence.json'), 'utf8')),
    );

  it('lists with --dry-run what its three operations would call, and calls nothing that changes anything', async () => {
    await aws.forgetCalls();
    const { code, output } = await drill('--dry-run');
    expect({ code, output }).toEqual({ code: 0, output });
    expect(output).toContain(`switchover of production from ${east} to ${west}: what would be done`);
    expect(output).toContain(`rds:PromoteReadReplica in ${west}`);
    expect(output).toContain(`reconcile of production: declares ${east} fenced and ${west} active`);
    expect(output).toContain(`LIFT THE DELETION PROTECTION of tandem-production-${east}-postgres-g1`);
    expect(output).toContain('It could start now:');
    expect(await asked(aws, 'changes')).toEqual([]);
  });

  it('asks first, and refuses a scenario that breaks something', async () => {
    const unasked = await drill();
    expect(unasked.output).toContain('(NotConfirmed)');
    expect(unasked.code).toBe(1);
    const breaking = await drill('--scenario', 'blackout', '--yes');
    expect(breaking.output).toContain('(FaultUnsupported)');
    expect(breaking.output).toContain('on aws one of switchover, failover');
    const elsewhere = await drill('--target', 'embedded', '--dry-run');
    expect(elsewhere.output).toContain('(FaultUnsupported)');
    expect(await asked(aws, 'changes')).toEqual([]);
  });

  it('says as interrupted how far it came, when it is asked to end', async () => {
    const fork = await aws.fork();
    await fork.pace('promotion', 30);
    const until = { says: `promote tandem-production-${west}-postgres-g1`, signal: 'SIGTERM' as const };
    const args = ['drill', 'production', '--scenario', 'failover', '--yes'];
    const { code } = await tandem(args, fork.environment, { checkout: checkout.folder, until });
    fork.stop();
    expect(code).toBe(143);
    const { outcome, phases, movements } = newest();
    expect({ outcome, movements }).toEqual({ outcome: 'interrupted', movements: [] });
    expect(phases.at(-1)).toMatchObject({ name: 'failover: promote-database', outcome: 'failed' });
    rmSync(evidence, { recursive: true });
  });

  let first: Evidence;
  it('measures a failover by its journal, and leaves evidence of where it stopped', async () => {
    await aws.pace('promotion', 3);
    const { code, output } = await drill('--scenario', 'failover', '--load', '--yes');
    expect(output).toContain('Failed in reconcile: ReconcileNotEmpty');
    expect(code).toBe(1);
    first = newest();
    expect(first).toMatchObject({ outcome: 'failed', error: { code: 'ReconcileNotEmpty' }, target: 'aws' });
    expect(first.phases.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      ...['close-latch', 'fail-over-cache', 'promote-database', 'await-cache'].map(
        (step) => `failover: ${step} done`,
      ),
      'reconcile failed',
    ]);
    const { steps, startedAt } = await journal();
    expect(first.startedAt).toBe(startedAt);
    const at = (iso = '') => Date.parse(iso) - Date.parse(startedAt);
    const [told, , promoted] = steps;
    const [movement] = first.movements;
    expect(movement).toMatchObject({
      ...{ kind: 'failover', from: east, to: west, acknowledgedWrites: 0, lostWrites: [] },
      startedAtMs: at(told?.startedAt),
      firstWriteAfterAtMs: at(promoted?.endedAt),
    });
    expect(movement?.noLoad).toMatch(
      /^no client load: the workload does not answer at app\.tandem\.example; .* 2 s behind/,
    );
    expect(movement?.rto.totalSeconds).toBe((at(promoted?.endedAt) - at(told?.startedAt)) / 1000);
    expect(movement?.rto.totalSeconds).toBeGreaterThan(3);
    // No writes: nothing is said to be kept.
    expect(first.objectives).toMatchObject([{ name: 'RTO', objective: 300, met: true }]);
    expect(output).not.toContain('Nothing was lost');
    expect(first.simulated).toContain(`AWS: ${aws.endpoint} answered in its place (AWS_ENDPOINT_URL).`);
    expect(checkout.rolesOf(production)[east]?.role).toBe('fenced');
    expect((await endState(aws, production, west)).database).not.toHaveProperty('source');
  });

  it('goes on where it stopped, with the times of the journal and no call of the failover again', async () => {
    await aws.forgetCalls();
    const { code } = await drill('--scenario', 'failover', '--yes');
    expect(code).toBe(1);
    expect(readings()).toHaveLength(2);
    const again = newest();
    expect(again.run).not.toBe(first.run);
    expect(again.phases.slice(0, 4)).toEqual(first.phases.slice(0, 4));
    expect(again.movements[0]?.rto).toEqual(first.movements[0]?.rto);
    expect(again.movements[0]?.noLoad).toContain('--load was not given');
    expect((await asked(aws, 'changes')).filter((each) => /Promote|Failover/.test(each))).toEqual([]);
  });

  async function journal() {
    const before = { ...process.env };
    Object.assign(process.env, aws.environment);
    const target = new AwsTarget([west]);
    try {
      const found = await new Journal(target, 'production', west).read();
      return { steps: found?.record.steps ?? [], startedAt: found?.record.startedAt ?? '' };
    } finally {
      target.close();
      process.env = before;
    }
  }
});
