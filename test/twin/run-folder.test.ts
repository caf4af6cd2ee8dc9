import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive } from '../../twin/processes';
import { cleanStaleRuns, RunFolder } from '../../twin/run-folder';

const sleeper = () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const identity = identityOf(child.pid ?? 0);
  expect(identity).toBeDefined();
  return { child, identity: identity ?? { pid: 0, startedAt: '' } };
};

describe('the run folder', () => {
  let scratch: string;

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'tandem-test-'));
    chmodSync(scratch, 0o711);
  });

  afterEach(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  it('is removed with every process that was registered in it', async () => {
    const folder = await RunFolder.create(scratch);
    const { identity } = sleeper();
    folder.register(identity.pid);
    await folder.remove();
    await sleep(50);
    expect(isAlive(identity)).toBe(false);
    expect(existsSync(folder.path)).toBe(false);
  });

  it('of a dead runner is cleaned, its processes ended, and its last journal entry told', async () => {
    const folder = await RunFolder.create(scratch);
    const { identity } = sleeper();
    // A runner that is no more: a pid with another start time is another process.
    const namespace = folder.run.split('-')[0] ?? '';
    const stale = join(folder.path, '..', `${namespace}-${process.pid}-1`);
    mkdirSync(stale);
    appendFileSync(join(stale, 'processes'), `${JSON.stringify(identity)}\n{"pid":`);
    writeFileSync(join(stale, 'journal.jsonl'), '{"type":"a"}\n{"type":"phase-started","phase":"promote"}\n');
    expect(await cleanStaleRuns(scratch)).toEqual([
      {
        run: `${namespace}-${process.pid}-1`,
        lastEntry: '{"type":"phase-started","phase":"promote"}',
        processesKilled: 1,
      },
    ]);
    expect(isAlive(identity)).toBe(false);
    expect(existsSync(stale)).toBe(false);
    expect(existsSync(folder.path)).toBe(true);
    await folder.remove();
  });

  it('never ends a process that only inherited the pid', async () => {
    const folder = await RunFolder.create(scratch);
    const { child, identity } = sleeper();
    const namespace = folder.run.split('-')[0] ?? '';
    const stale = join(folder.path, '..', `${namespace}-${process.pid}-1`);
    mkdirSync(stale);
    writeFileSync(join(stale, 'processes'), `${JSON.stringify({ ...identity, startedAt: '1' })}\n`);
    expect(await cleanStaleRuns(scratch)).toMatchObject([{ processesKilled: 0 }]);
    await sleep(50);
    expect(isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await folder.remove();
  });

  it('lets nothing start once it is being removed', async () => {
    const folder = await RunFolder.create(scratch);
    await folder.remove();
    expect(() => folder.ended.throwIfAborted()).toThrow(/RunEnded/);
  });

  (process.getuid?.() === 0 ? it : it.skip)(
    'says TempNotWritable under root where PostgreSQL’s account could not get through (skipped unless root)',
    async () => {
      chmodSync(scratch, 0o700);
      await expect(RunFolder.create(scratch)).rejects.toMatchObject({ code: 'TempNotWritable' });
    },
  );

  it('says TempNotWritable where the temporary folder can not be used', async () => {
    rmSync(scratch, { recursive: true });
    writeFileSync(scratch, 'a file where a folder should be');
    await expect(RunFolder.create(scratch)).rejects.toMatchObject({ code: 'TempNotWritable' });
  });
});
