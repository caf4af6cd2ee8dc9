import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lack, PreparedRegion, shared, until } from '../support/prepared-region';
import { pickAddresses } from '../../twin/addresses';

// One story, in the order of the tests: what a pair of regions goes through.
jest.setTimeout(180_000);
(lack ? describe.skip : describe)(`prepare.sh on real PostgreSQL${lack ? ` (${lack})` : ''}`, () => {
  const base = mkdtempSync(join(tmpdir(), 'tandem-prepare-'));
  let east: PreparedRegion;
  let west: PreparedRegion;
  const streams = (from: PreparedRegion, to: PreparedRegion) =>
    until(`${to.name} to stream`, () =>
      from
        .sql('select slot_name from pg_replication_slots where active')
        .split('\n')
        .includes(`region_${to.name}`),
    );
  const reads = (region: PreparedRegion, rows: string) =>
    until(
      `${region.name} to hold ${rows}`,
      () => region.sql("select string_agg(id, ' ' order by id) from kept") === rows,
    );

  beforeAll(async () => {
    const { regions, postgresPort } = await pickAddresses();
    const [one, other] = regions;
    shared(base);
    east = new PreparedRegion(base, 'east', one.data, other.data, postgresPort);
    west = new PreparedRegion(base, 'west', other.data, one.data, postgresPort);
  });

  afterAll(async () => {
    await Promise.all([east.kill(), west.kill()]);
    rmSync(base, { recursive: true, force: true });
  });

  it('makes a primary where the role is active, and nothing of it a second time', async () => {
    expect(east.prepare('active', 1)).toEqual({ status: 0, said: 'made a primary of generation 1' });
    await east.start();
    east.sql("create table kept (id text); insert into kept values ('a')");
    await east.stop();
    expect(east.prepare('active', 1)).toEqual({ status: 0, said: 'the data stays as it is' });
    await east.start();
  });

  it('makes a standby of a region without data, which streams by TLS and a password', async () => {
    expect(west.prepare('standby', 1)).toEqual({ status: 0, said: 'rebuilt by base backup' });
    await west.start();
    await streams(east, west);
    await reads(west, 'a');
    expect(east.sql('select ssl from pg_stat_ssl join pg_stat_replication using (pid)')).toBe('t');
  });

  it('begins no empty history beside a peer that has data', async () => {
    await west.kill();
    const before = readFileSync(join(west.data, 'PG_VERSION'), 'utf8');
    rmSync(join(west.data, 'PG_VERSION'));
    const { status, said } = west.prepare('active', 1);
    writeFileSync(join(west.data, 'PG_VERSION'), before);
    expect(status).toBe(1);
    expect(said).toContain('promote the peer');
    await west.start();
  });

  it('waits for its peer to be a primary', () => {
    const deaf = new PreparedRegion(base, 'deaf', east.address, '127.0.0.99', east.port);
    expect(deaf.prepare('standby', 1, 4_000).status).toBeNull();
  });

  it('rewinds a lost primary to a standby of the promoted one, and what it alone wrote is gone', async () => {
    west.sql('select pg_promote()');
    east.sql("insert into kept values ('split')");
    west.sql("insert into kept values ('b')");
    await east.kill();
    // Declared as it is, it stays the primary that it was.
    expect(east.prepare('fenced', 1).said).toBe('the data stays as it is');
    expect(east.prepare('standby', 2)).toEqual({ status: 0, said: 'rebuilt by pg_rewind' });
    await east.start();
    await streams(west, east);
    await reads(east, 'a b');
    expect(readFileSync(join(east.folder, 'volume', 'generation'), 'utf8')).toBe('2');
  });

  it('leaves an active region alone, whatever generation is declared', () => {
    expect(west.prepare('active', 7).said).toContain('a region that is active is not rebuilt');
    expect(west.sql('select pg_is_in_recovery()')).toBe('f');
  });

  it('copies anew what was a standby, and what a rewind left half done', async () => {
    await east.kill();
    expect(east.prepare('rebuilding', 3).said).toBe('rebuilt by base backup');
    await east.start();
    await streams(west, east);

    east.sql('select pg_promote()');
    await west.kill();
    writeFileSync(join(west.folder, 'volume', 'rewinding'), '');
    expect(west.prepare('standby', 2).said).toBe('rebuilt by base backup');
    await west.start();
    await streams(east, west);
    await reads(west, 'a b');
  });
});
