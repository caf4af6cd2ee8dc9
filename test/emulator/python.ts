import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const requirements = join(__dirname, 'requirements.txt');
const [, version = ''] = /^moto\[server\]==(.+)$/m.exec(readFileSync(requirements, 'utf8')) ?? [];
const venv = join(__dirname, `../../node_modules/.cache/moto-${version}`);
const pythonIn = (folder: string) => join(folder, 'bin', 'python3');

const hasMoto = (python: string) => {
  const asked = spawnSync(python, ['-c', 'import moto.server; print(moto.__version__)'], {
    encoding: 'utf8',
  });
  return asked.status === 0 && asked.stdout.trim() === version;
};

let found: { readonly python: string } | { readonly missing: string } | undefined;

/** A python3 that has moto in the version of requirements.txt, installed by pip into a folder of its own where it is missing. */
export const python = () => (found ??= find());

function find(): { readonly python: string } | { readonly missing: string } {
  const there = ['python3', pythonIn(venv)].find(hasMoto);
  if (there !== undefined) return { python: there };
  // Under another name until it is whole: several test files may be at this at once.
  const growing = `${venv}-${process.pid}`;
  const install = ['-m', 'pip', 'install', '--quiet', '-r', requirements];
  const made =
    spawnSync('python3', ['-m', 'venv', growing]).status === 0 &&
    spawnSync(pythonIn(growing), install, { timeout: 300_000 }).status === 0;
  if (made && !existsSync(venv)) {
    try {
      renameSync(growing, venv);
    } catch {
      // Another test file was first, with the same.
    }
  }
  rmSync(growing, { recursive: true, force: true });
  if (hasMoto(pythonIn(venv))) return { python: pythonIn(venv) };
  return { missing: `no moto ${version} for python3: pip install -r test/emulator/requirements.txt` };
}
