import { chown, copyFile, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnixIdentity } from './unix-identity';

/** Folders whose contents a base backup leaves out (PostgreSQL: "Making a Base Backup Using the Low Level API"). */
const emptied = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
]);
const skipped = /^(postmaster\.(pid|opts)|standby\.signal|backup_label.*|pg_internal\.init.*|pgsql_tmp.*)$/;

/** Copies a running instance's data folder between pg_backup_start and pg_backup_stop; WAL comes by streaming. */
export async function copyDataFolder(
  from: string,
  to: string,
  owner: UnixIdentity | undefined,
): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (skipped.test(entry.name)) continue;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    try {
      if (entry.isDirectory()) {
        await mkdir(target, { mode: 0o700 });
        if (emptied.has(entry.name)) {
          if (entry.name === 'pg_wal') await makeOwned(join(target, 'archive_status'), owner);
        } else {
          await copyDataFolder(source, target, owner);
        }
      } else if (entry.isSymbolicLink()) {
        await symlink(await readlink(source), target);
        continue;
      } else {
        await copyFile(source, target);
      }
      if (owner) await chown(target, owner.uid, owner.gid);
    } catch (thrown) {
      // A file that vanishes while it is being copied is replayed from WAL, says the manual.
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
    }
  }
}

async function makeOwned(path: string, owner: UnixIdentity | undefined): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (owner) await chown(path, owner.uid, owner.gid);
}
