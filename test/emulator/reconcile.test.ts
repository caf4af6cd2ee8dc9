import { awsEnvironment, Checkout, endState, tandem } from './command';
import { Emulator, missing } from './emulator';
import { createStores, publishLag } from './stores';

const production = awsEnvironment('production');
const [east, west] = production.regions;
const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };

/** On the stores alone: that the plans are empty is shown on a whole environment. */
const lack = missing();
const title = 'after a failover';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  jest.setTimeout(400_000);
  let emulator: Emulator;
  let before: Emulator;
  const checkout = new Checkout();
  beforeAll(async () => {
    before = await Emulator.start(production.account);
    const clientOf = (region: string) => ({ region, endpoint: before.endpoint, credentials });
    await createStores(production, clientOf);
    await publishLag(production, clientOf(west), [0, 1, 2]);
    emulator = await before.fork();
    await emulator.darken(east);
  });
  afterAll(() => {
    before.stop();
    emulator.stop();
    checkout.remove();
  });

  const run = (...args: readonly string[]) =>
    tandem(args, emulator.environment, { checkout: checkout.folder });
  const reconcile = (...args: readonly string[]) => run('reconcile', 'production', ...args);

  it('reconcile changes no role where nothing moved', async () => {
    const { output } = await tandem(['reconcile', 'production', '--dry-run'], before.environment, {
      checkout: checkout.folder,
    });
    expect(output).toContain(`${east}: active, latch open`);
    expect(output).toContain(`${west}: standby, latch open`);
  });

  it('reconcile names a failover that is not finished', async () => {
    await emulator.inject({
      answer: 'error',
      action: 'PromoteReadReplica',
      code: 'AccessDenied',
      status: 403,
    });
    expect((await run('failover', 'production', '--to', west, '--yes')).code).toBe(1);
    const { code, output } = await reconcile('--yes');
    expect(output).toContain('(OperationUnderWay)');
    expect(output).toContain('tandem failover production --to us-west-2');
    expect(code).toBe(1);
    expect((await run('failover', 'production', '--to', west, '--yes')).code).toBe(0);
  });

  it('reconcile says with --dry-run what it would declare, and leaves the file', async () => {
    const { code, output } = await reconcile('--dry-run');
    expect(output).toContain(`${east}: active → fenced, latch closed`);
    expect(output).toContain(`${west}: standby → active, latch open`);
    expect(output).toContain(`${east} does not answer`);
    expect(code).toBe(0);
    expect(checkout.rolesOf(production)[west]?.role).toBe('standby');
  });

  it('reconcile declares the roles, closes the latch that it can reach, names the one that it can not, and plans the region that answers', async () => {
    const { code, output } = await reconcile('--yes');
    expect(checkout.rolesOf(production)).toEqual({
      [east]: { role: 'fenced', generation: 1 },
      [west]: { role: 'active', generation: 1 },
    });
    expect((await endState(emulator, production, west)).latch).toBe('closed');
    expect(output).toContain(`latch of ${west}: left as it is, its alarm is in ${east}`);
    // There is no state here, so no plan is empty: that fails.
    expect(output).toContain('tandem-production-us-west-2-data: has no plan');
    expect(output).not.toContain('tandem-production-us-east-1-data');
    expect(output).toContain('(ReconcileNotEmpty)');
    expect(code).toBe(1);
  });

  it('rebuild is refused while the fenced region is gone, and lists with --dry-run when it is back', async () => {
    expect((await run('rebuild', 'production', '--region', east, '--dry-run')).output).toContain(
      '(RegionUnreachable)',
    );
    await emulator.darken();
    const { code, output } = await run('rebuild', 'production', '--region', east, '--dry-run');
    expect(output).toContain(
      `rds:ModifyDBInstance in ${east} {"DBInstanceIdentifier":"tandem-production-us-east-1-postgres-g1","DeletionProtection":false`,
    );
    expect(output).toContain('destroy generation 1 of us-east-1 and make generation 2');
    expect(output).toContain('will be destroyed and leaves final snapshots');
    expect(code).toBe(0);
    expect((await endState(emulator, production, east)).database?.deletionProtection).toBe(true);
  });

  it('rebuild of what is not fenced is refused', async () => {
    const { code, output } = await run('rebuild', 'production', '--region', west, '--yes');
    expect(output).toContain('(OperationRefused)');
    expect(output).toContain('roles.json declares us-west-2 active');
    expect(code).toBe(1);
  });
});
