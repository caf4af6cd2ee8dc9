import { join } from 'node:path';
import { Postgres } from '../../twin/postgres';
import { postgresBinaries } from '../../twin/postgres-binaries';
import { cleanStaleRuns, RunFolder } from '../../twin/run-folder';
import { postgresIdentity } from '../../twin/unix-identity';
import { waitFor } from '../../lib/wait';

describe('a pair of PostgreSQL instances', () => {
  let folder: RunFolder;
  let primary: Postgres;
  let standby: Postgres;

  beforeAll(async () => {
    folder = await RunFolder.create();
    const binaries = await postgresBinaries(folder);
    const instance = (name: string, port: number): Postgres =>
      new Postgres({
        folder,
        data: join(folder.path, name),
        name,
        address: '127.0.0.1',
        port,
        binaries,
        identity: postgresIdentity(),
        password: 'a-test-password',
      });
    primary = instance('east', 28_101);
    standby = instance('west', 28_102);
    await primary.initialize();
    await standby.restoreFrom(primary, { host: '127.0.0.1', port: 28_101, slot: 'west' });
    await standby.start();
  });

  afterAll(async () => {
    await folder.remove();
  });

  it('streams from a base backup, is promoted, and the killed primary comes back with its data', async () => {
    await primary.query('create table t (id int)');
    await primary.query('insert into t select generate_series(1, 100)');
    const count = await waitFor(
      { what: 'rows', budget: { name: 'test', seconds: 10 }, next: '' },
      async () =>
        (await standby.query<{ n: number }>('select count(*)::int as n from t'))[0]?.n === 100 || undefined,
    );
    expect(count).toBe(true);
    await primary.kill();
    await expect(primary.query('select 1')).rejects.toThrow(/ECONNREFUSED/);
    await standby.promote();
    await standby.query('insert into t values (101)');
    await primary.start();
    expect(await primary.query('select pg_is_in_recovery() as r')).toEqual([{ r: false }]);
    expect(await primary.query('select count(*)::int as n from t')).toEqual([{ n: 100 }]);
  });

  it('leaves nothing of a run whose runner is alive to the cleaner', async () => {
    expect(await cleanStaleRuns()).toEqual([]);
  });
});
