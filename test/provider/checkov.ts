import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** As on PyPI. An upgrade brings new checks, so it is a change of its own. */
const version = '3.3.30';
const venv = path.join(__dirname, `../../node_modules/.cache/checkov-${version}`);

/** The checkov that CHECKOV names, that is on PATH, or that pip installs into a folder of its own; or what is missing. */
export function checkov(): { readonly binary: string } | { readonly missing: string } {
  const named = process.env.CHECKOV;
  const installed = path.join(venv, 'bin', 'checkov');
  const found = [named, 'checkov', installed].find(
    (binary) => binary !== undefined && spawnSync(binary, ['--version']).status === 0,
  );
  if (found !== undefined) return { binary: found };
  const pip = path.join(venv, 'bin', 'pip');
  const made =
    spawnSync('python3', ['-m', 'venv', venv]).status === 0 &&
    spawnSync(pip, ['install', '--quiet', `checkov==${version}`], { timeout: 300_000 }).status === 0;
  if (made && existsSync(installed)) return { binary: installed };
  rmSync(venv, { recursive: true, force: true });
  return { missing: `no checkov: pip install checkov==${version}, or set CHECKOV to its path` };
}

const report = z.object({
  results: z.object({
    failed_checks: z.array(
      z.object({ check_id: z.string(), check_name: z.string(), resource: z.string(), file_path: z.string() }),
    ),
  }),
  summary: z.object({ passed: z.number(), parsing_errors: z.number() }),
});

/** Every check of checkov over plans as JSON; reads nothing from a network. */
export function checked(binary: string, plans: readonly string[]): z.infer<typeof report> {
  const files = plans.flatMap((file) => ['--file', file]);
  const { stdout } = spawnSync(
    binary,
    [
      '--framework',
      'terraform_plan',
      '--output',
      'json',
      '--quiet',
      '--compact',
      '--skip-download',
      ...files,
    ],
    { encoding: 'utf8', maxBuffer: 1e8 },
  );
  return report.parse(JSON.parse(stdout));
}
