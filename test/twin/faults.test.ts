import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Postgres } from '../../twin/postgres';
import { findPostgres, type PostgresBinaries } from '../../twin/postgres-binaries';
import { RunFolder } from '../../twin/run-folder';
import { postgresIdentity } from '../../twin/unix-identity';
import { Tandem } from '../support/tandem';

describe('a PostgreSQL that dies at start', () => {
  let scratch: string;
  let folder: RunFolder;

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'tandem-test-'));
    chmodSync(scratch, 0o711);
    folder = await RunFolder.create(scratch);
  });

  afterEach(async () => {
    await folder.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Stands for a broken installation: real processes that end as such a one does. */
  const binary = (name: string, script: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  };
  const instance = (binaries: PostgresBinaries): Postgres =>
    new Postgres({
      folder,
      data: join(folder.path, 'data'),
      name: 'east-postgres-g1',
      address: '127.0.0.1',
      port: 28_201,
      binaries,
      identity: postgresIdentity(),
      password: 'a-test-password',
    });

  it('is a ProcessDied with the end of its log, at once and not at the end of the budget', async () => {
    const started = performance.now();
    const postgres = instance({
      initdb: '/bin/true',
      postgres: binary('postgres', 'echo "FATAL: could not map anonymous shared memory"; exit 1'),
    });
    await expect(postgres.initialize()).rejects.toThrow(
      /^ProcessDied: east-postgres-g1: exit code 1[^]*could not map anonymous shared memory/,
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is a ProcessDied with what initdb said', async () => {
    const postgres = instance({
      initdb: binary('initdb', 'echo "initdb: error: invalid locale name" >&2; exit 1'),
      postgres: '/bin/false',
    });
    await expect(postgres.initialize()).rejects.toThrow(
      /^ProcessDied: initdb of east-postgres-g1[^]*invalid locale name/,
    );
  });
});

describe('a platform without PostgreSQL binaries', () => {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform');

  afterEach(() => {
    if (platform) Object.defineProperty(process, 'platform', platform);
  });

  it('is refused with PlatformUnsupported and what would do', () => {
    Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
    expect(() => findPostgres()).toThrow(/^PlatformUnsupported: win32 on .*expected linux on x64 or arm64/);
  });
});

/** A disk of 40 MB, where this user may mount one. */
function tinyDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'tandem-tiny-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    rmSync(path, { recursive: true });
    return undefined;
  }
}

describe('a full disk', () => {
  const disk = tinyDisk();

  afterAll(() => {
    if (disk === undefined) return;
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  (disk === undefined ? it.skip : it)(
    'is told as DiskFull, and nothing is left on it (needs to mount a tmpfs: root with CAP_SYS_ADMIN)',
    async () => {
      const tandem = new Tandem(['drill', 'dev', '--target', 'embedded'], disk);
      const { code, output } = await tandem.ended;
      expect(output).toMatch(/DiskFull/);
      expect(code).toBe(1);
      expect(execFileSync('ls', ['-A', disk ?? ''], { encoding: 'utf8' })).toBe('');
      tandem.remove();
    },
  );
});
