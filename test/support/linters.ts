import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(__dirname, '../../node_modules/.cache');

/** As the Go module proxy and PyPI have them. An upgrade brings new rules, so it is a change of its own. */
const versions = { actionlint: '1.7.12', zizmor: '1.32.0' };

export type Found = { readonly binary: string } | { readonly missing: string };

function is(binary: string, version: string): boolean {
  const { error, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return error === undefined && stdout.includes(version);
}

/** The actionlint of that version that is on PATH, or that Go builds into a folder of its own; or what is missing. */
export function actionlint(): Found {
  const folder = join(cache, `actionlint-${versions.actionlint}`);
  const built = join(folder, 'actionlint');
  const there = ['actionlint', built].find((binary) => is(binary, versions.actionlint));
  if (there !== undefined) return { binary: there };
  const module = `github.com/rhysd/actionlint/cmd/actionlint@v${versions.actionlint}`;
  mkdirSync(folder, { recursive: true });
  spawnSync('go', ['install', module], { env: { ...process.env, GOBIN: folder }, timeout: 300_000 });
  return is(built, versions.actionlint)
    ? { binary: built }
    : { missing: `no actionlint: go install ${module}` };
}

/** The zizmor of that version that is on PATH, or that pip installs into a folder of its own; or what is missing. */
export function zizmor(): Found {
  const folder = join(cache, `zizmor-${versions.zizmor}`);
  const installed = join(folder, 'bin', 'zizmor');
  const there = ['zizmor', installed].find((binary) => is(binary, versions.zizmor));
  if (there !== undefined) return { binary: there };
  if (!existsSync(join(folder, 'bin', 'pip'))) spawnSync('python3', ['-m', 'venv', folder]);
  const pip = join(folder, 'bin', 'pip');
  spawnSync(pip, ['install', '--quiet', `zizmor==${versions.zizmor}`], { timeout: 300_000 });
  return is(installed, versions.zizmor)
    ? { binary: installed }
    : { missing: `no zizmor: pip install zizmor==${versions.zizmor}` };
}
