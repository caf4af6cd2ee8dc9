import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const fallback = 107_374_182;
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** What the script that runs in Valkey's container prints where the cgroup has these files. */
function ceiling(files: Readonly<Record<string, string>>) {
  const cgroup = mkdtempSync(join(tmpdir(), 'tandem-cgroup-'));
  folders.push(cgroup);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cgroup, name)), { recursive: true });
    writeFileSync(join(cgroup, name), text);
  }
  const { status, stdout, stderr } = spawnSync('sh', ['modules/cache/kubernetes/maxmemory.sh'], {
    encoding: 'utf8',
    env: { CGROUP: cgroup, FALLBACK: String(fallback) },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return Number(stdout);
}

const version2 = 'memory.max';
const version1 = 'memory/memory.limit_in_bytes';

it.each([
  ['version 2', { [version2]: '134217728\n' }, 107_374_180],
  ['version 1', { [version1]: '134217728\n' }, 107_374_180],
  ['both, of which version 2 counts', { [version2]: '1000000\n', [version1]: '9\n' }, 800_000],
  ['version 2 with 64 GiB', { [version2]: `${2 ** 36}\n` }, 54_975_581_388],
  ['a limit without a line’s end', { [version2]: '1000000' }, 800_000],
])('takes four fifths of the limit of %s', (_, files, expected) => {
  expect(ceiling(files)).toBe(expected);
});

it.each([
  ['no cgroup', {}],
  ['version 2 without a limit', { [version2]: 'max\n' }],
  ['version 1 without a limit', { [version1]: '9223372036854771712\n' }],
  ['an empty file', { [version2]: '' }],
  ['what is no number', { [version2]: '12 MB\n' }],
])('falls back with %s', (_, files) => {
  expect(ceiling(files)).toBe(fallback);
});
