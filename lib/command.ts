import { spawn } from 'node:child_process';
import { TandemError } from './errors';

/** The programs that the kubernetes target calls, and how to get each. */
export const programs = {
  docker: 'install Docker Engine (https://docs.docker.com/engine/install/) and start it',
  k3d: 'install k3d v5 (https://k3d.io), or bring clusters of your own: tandem up local --contexts A,B',
  kubectl: 'install kubectl (https://kubernetes.io/docs/tasks/tools/)',
} as const;

type Program = keyof typeof programs;

export interface CommandOptions {
  /** Aborting ends the command. */
  readonly signal?: AbortSignal | undefined;
  /** What it reads on its standard input. */
  readonly input?: string;
}

/**
 * Runs one of the programs to its end.
 * @returns what it wrote to its standard output
 * @throws TandemError CommandMissing, CommandFailed with the command's own words; the signal's reason when aborted
 */
export async function command(
  program: Program,
  args: readonly string[],
  { signal, input = '' }: CommandOptions = {},
): Promise<string> {
  signal?.throwIfAborted();
  const { end, stdout, stderr } = await run(program, args, input, signal);
  signal?.throwIfAborted();
  if (end === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-20).join('\n');
  throw new TandemError('CommandFailed', {
    found: `\`${[program, ...args].join(' ')}\` ended with ${end}:\n${said}`,
    expected: 'exit code 0',
    next: 'mend what it says and run the command again',
  });
}

/** Runs kubectl against one cluster. @throws as `command` */
export const kubectl = (
  context: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string> => command('kubectl', ['--context', context, ...args], options);

interface Ended {
  /** Its exit code, or the signal that ended it. */
  readonly end: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: Program, args: readonly string[], input: string, signal: AbortSignal | undefined) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(program, args, { env: process.env });
    const interrupt = () => child.kill();
    signal?.addEventListener('abort', interrupt, { once: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    // A command that ends before it has read everything says why by its exit code.
    child.stdin.on('error', () => undefined).end(input);
    child.once('error', (cause) => {
      reject(
        new TandemError('CommandMissing', {
          found: `${program} does not run: ${cause.message}`,
          expected: `${program} on PATH`,
          next: programs[program],
          cause,
        }),
      );
    });
    child.once('close', (code, by) => {
      signal?.removeEventListener('abort', interrupt);
      resolve({ end: code ?? by ?? 'SIGKILL', stdout, stderr });
    });
  });
}
