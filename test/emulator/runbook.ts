import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ended } from './command';

/** The blocks of commands of a runbook, in their order, as it has them. */
function blocksOf(runbook: string): readonly string[] {
  const page = readFileSync(join(__dirname, '../../docs/runbooks', `${runbook}.md`), 'utf8');
  return [...page.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block]) => block ?? []);
}

/** The `tandem` commands of a runbook in their order, each as its arguments. */
export const commandsOf = (runbook: string): readonly (readonly string[])[] =>
  blocksOf(runbook)
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => {
      const [command, ...args] = line.trim().split(' ');
      return command === 'tandem' ? [args] : [];
    });

/** What following a runbook by the shell lacks, beside the emulated AWS; undefined when nothing. */
export const missingForShell = (): string | undefined =>
  spawnSync('aws', ['--version']).error ? 'no aws on PATH: install the AWS CLI' : undefined;

/** Types a runbook into a shell, as it has it, and yes to what `tandem` asks. */
export async function follow(runbook: string, env: NodeJS.ProcessEnv, checkout: string): Promise<Ended> {
  const bin = mkdtempSync(join(tmpdir(), 'tandem-bin-'));
  const tandem = join(bin, 'tandem');
  const typed = `${process.execPath} ${join(checkout, 'dist/tandem.js')} "$@"`;
  writeFileSync(tandem, `#!/bin/sh\ncase "$1" in plan) exec ${typed};; *) exec ${typed} --yes;; esac\n`);
  chmodSync(tandem, 0o755);
  try {
    return await new Promise((resolve) => {
      const child = spawn('sh', ['-euxc', blocksOf(runbook).join('\n')], {
        cwd: checkout,
        env: { ...env, PATH: `${bin}:${env.PATH ?? ''}` },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.once('close', (code) => resolve({ code, output }));
    });
  } finally {
    rmSync(bin, { recursive: true });
  }
}
