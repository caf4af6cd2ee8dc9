import { readFileSync } from 'node:fs';

export interface UnixIdentity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so under root it runs as nobody; under anyone else as that user.
 * The account must stand in the password database: initdb looks its own name up there.
 */
export function postgresIdentity(): UnixIdentity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('nobody:'));
  const [, , uid, gid] = entry?.split(':') ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}
