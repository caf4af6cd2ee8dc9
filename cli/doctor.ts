import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { environmentNames, loadEnvironment } from '../environments';
import { loadRoles } from '../environments/roles';
import { command, programs } from '../lib/command';
import { reasonOf, TandemError } from '../lib/errors';
import { atLeast, versions } from '../lib/versions';
import { cacheServerOnPath, cacheVersion } from '../twin/cache';
import { findPostgres } from '../twin/postgres-binaries';
import { describeFailure, exitCodes } from './exit';
import { terraformOnPath } from './terraform/terraform';

/** What a check found; `mend` says how to get what is missing. */
interface Finding {
  readonly ok: boolean;
  readonly found: string;
  readonly mend?: string;
}

interface Check {
  readonly name: string;
  /** What does not work without it. */
  readonly needed: string;
  readonly required: boolean;
  readonly run: () => Promise<Finding> | Finding;
}

/** Megabytes that a drill may take in the temporary folder: two data folders and their generations. */
const drillMegabytes = 1000;

const checks: readonly Check[] = [
  {
    name: 'Node.js',
    needed: 'everything',
    required: true,
    run: () => ({
      ok: atLeast(process.versions.node, versions.node),
      found: process.version,
      mend: `install Node.js ${versions.node} or newer`,
    }),
  },
  {
    name: 'platform',
    needed: 'the embedded target',
    required: true,
    run: () => ({
      ok: process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch),
      found: `${process.platform} ${process.arch}, ${cpus().length} CPUs`,
      mend: 'use Linux on x64 or arm64: a container or virtual machine (WSL 2 on Windows)',
    }),
  },
  {
    name: 'PostgreSQL',
    needed: 'the embedded target',
    required: true,
    run: async () => {
      const { stdout } = await promisify(execFile)(findPostgres().postgres, ['--version']);
      return {
        ok: stdout.includes(` ${versions.postgres}.`),
        found: stdout.trim(),
        mend: 'run: npm ci --include=optional',
      };
    },
  },
  {
    name: 'temporary folder',
    needed: 'the embedded target',
    required: true,
    run: async () => {
      rmSync(mkdtempSync(join(tmpdir(), 'tandem-doctor-')), { recursive: true });
      const { bavail, bsize } = await statfs(tmpdir());
      const free = Math.floor((bavail * bsize) / 1e6);
      return {
        ok: free >= drillMegabytes,
        found: `${tmpdir()}, ${free} MB free`,
        mend: `free ${drillMegabytes} MB, or set TMPDIR to a folder with more`,
      };
    },
  },
  {
    name: 'environments',
    needed: 'everything',
    required: true,
    run: () => {
      const broken = environmentNames.flatMap((name) => {
        try {
          loadRoles(loadEnvironment(name));
          return [];
        } catch (thrown) {
          return [describeFailure(thrown)];
        }
      });
      return {
        ok: broken.length === 0,
        found: broken.length === 0 ? environmentNames.join(', ') : broken.join('\n'),
        mend: 'correct the files named above',
      };
    },
  },
  {
    name: 'Valkey or Redis',
    needed: 'a cache in the embedded target, which otherwise runs degraded',
    required: false,
    run: async () => {
      const server = cacheServerOnPath();
      return server === undefined
        ? { ok: false, found: 'none on PATH', mend: 'install valkey-server or redis-server' }
        : { ok: true, found: await cacheVersion(server) };
    },
  },
  {
    name: 'Terraform',
    needed: 'planning and applying stacks',
    required: false,
    run: async () => ({ ok: true, found: (await terraformOnPath()).version }),
  },
  {
    name: 'Docker',
    needed: 'the images of the kubernetes target, and its clusters by k3d',
    required: false,
    run: async () => {
      const asked = command('docker', ['version', '--format', '{{.Server.Version}}']);
      return { ok: true, found: `Docker ${(await asked).trim()}` };
    },
  },
  {
    name: 'k3d',
    needed: 'clusters of the kubernetes target',
    required: false,
    run: async () => {
      const [version = ''] = (await command('k3d', ['version'])).split('\n');
      return { ok: /^k3d version v5\./.test(version), found: version, mend: programs.k3d };
    },
  },
  {
    name: 'kubectl',
    needed: 'the kubernetes target',
    required: false,
    run: async () => {
      const [version = ''] = (await command('kubectl', ['version', '--client'])).split('\n');
      return { ok: true, found: version };
    },
  },
];

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('what this machine has, what is missing and how to get it')
    .description('Runs every check; exits 1 when something required is missing.')
    .option('--json', 'as JSON')
    .action(async (flags: { readonly json?: true }) => {
      const findings = await Promise.all(checks.map(examine));
      if (findings.some(({ ok, required }) => required && !ok)) process.exitCode = exitCodes.failed;
      if (flags.json) return console.log(JSON.stringify(findings, null, 2));
      for (const { name, ok, required, found, needed, mend } of findings) {
        console.log(`${ok ? '✔' : required ? '✖' : '○'} ${name.padEnd(17)} ${found}`);
        if (!ok) console.log(`  ${''.padEnd(17)} needed for ${needed}; ${mend ?? ''}`);
      }
      console.log(process.exitCode ? '\nNext: mend what is marked ✖' : '\nNext: npm start');
    });
}

async function examine({ name, needed, required, run }: Check) {
  try {
    return { name, needed, required, mend: undefined, ...(await run()) };
  } catch (thrown) {
    return {
      name,
      needed,
      required,
      ok: false,
      found: reasonOf(thrown).split('\n')[0] ?? '',
      mend: thrown instanceof TandemError ? thrown.detail.next : `install ${name}`,
    };
  }
}
