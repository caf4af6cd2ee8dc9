import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { TandemError } from '../../lib/errors';
import { atLeast, versions } from '../../lib/versions';
import { FollowedFile } from './followed-file';

/** How a command of Terraform ended, and what it wrote. */
export interface TerraformOutput {
  readonly exitCode: number;
  readonly stdout: string;
  /** Empty of an apply and a destroy, which write both into one file. */
  readonly stderr: string;
}

export interface TerraformOptions {
  /**
   * Aborting interrupts Terraform, as Ctrl-C does: it writes its state and releases its locks. An apply is let go through: its
   * provider drops what it just asks of AWS, and what AWS then makes is in no state.
   */
  readonly signal?: AbortSignal | undefined;
  /** The exit codes that are no failure; 0 alone when left out (`plan -detailed-exitcode` also has 2). */
  readonly accept?: readonly number[];
  /** Each line of standard output as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs Terraform, or OpenTofu, in a stack's folder: never asks, and takes providers from TF_PLUGIN_MIRROR when that is set.
 * @throws TandemError TerraformMissing, TerraformTooOld, TerraformFailed; the signal's reason when aborted
 */
export async function terraform(
  folder: string,
  args: readonly [command: string, ...more: string[]],
  options: TerraformOptions = {},
): Promise<TerraformOutput> {
  const { signal, accept = [0], onLine } = options;
  const { binary } = await terraformOnPath();
  signal?.throwIfAborted();
  const mirror = process.env['TF_PLUGIN_MIRROR'];
  const all = args[0] === 'init' && mirror ? [...args, `-plugin-dir=${resolve(mirror)}`] : args;
  const output = await run(binary, all, { cwd: folder, signal, onLine });
  signal?.throwIfAborted();
  if (accept.includes(output.exitCode)) return output;
  throw failureOf(folder, args, output, accept);
}

/** The coded error of a command that failed, in Terraform's own words. */
export function failureOf(
  folder: string,
  args: readonly string[],
  output: TerraformOutput,
  accept: readonly number[] = [0],
): TandemError {
  return new TandemError('TerraformFailed', {
    found: `\`terraform ${args.join(' ')}\` in ${folder} exited with ${output.exitCode}:\n${errorsIn(output)}`,
    expected: `exit code ${accept.join(' or ')}`,
    next: 'mend what it says and run the command again',
  });
}

let found: Promise<{ readonly binary: string; readonly version: string }> | undefined;

/**
 * The binary that TERRAFORM_BINARY_NAME names, or else terraform or tofu, whichever PATH has, and what it says it is.
 * Asked once in a process.
 * @throws TandemError TerraformMissing, TerraformTooOld
 */
export const terraformOnPath = () => (found ??= find());

async function find() {
  const named = process.env['TERRAFORM_BINARY_NAME'];
  const candidates = named ? [named] : ['terraform', 'tofu'];
  for (const binary of candidates) {
    const asked = await run(binary, ['version'], {}).catch(() => undefined);
    const [version, product, number] =
      /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+)/m.exec(asked?.stdout ?? '') ?? [];
    if (version === undefined || number === undefined) continue;
    const least = product === 'OpenTofu' ? versions.tofu : versions.terraform;
    if (atLeast(number, least)) return { binary, version };
    throw new TandemError('TerraformTooOld', {
      found: `${version} (${binary})`,
      expected: `${least} or newer`,
      next: 'install a newer one; TERRAFORM_BINARY_NAME names another binary',
    });
  }
  throw new TandemError('TerraformMissing', {
    found: `no ${candidates.join(' and no ')} that runs`,
    expected: `Terraform ${versions.terraform} or OpenTofu ${versions.tofu}, or newer, on PATH`,
    next: 'install one of them; TERRAFORM_BINARY_NAME names it where it is called otherwise',
  });
}

const running = new Set<ChildProcess>();
// Asked to end a second time, this process does so at once.
process.on('exit', () => running.forEach((child) => child.kill('SIGINT')));

interface RunOptions extends Pick<TerraformOptions, 'signal' | 'onLine'> {
  readonly cwd?: string;
}

function run(binary: string, args: readonly string[], { cwd, signal, onLine }: RunOptions) {
  return new Promise<TerraformOutput>((resolve, reject) => {
    let [stdout, stderr, line] = ['', '', ''];
    const hear = (chunk: string) => {
      stdout += chunk;
      const lines = (line + chunk).split('\n');
      line = lines.pop() ?? '';
      if (onLine) lines.forEach(onLine);
    };
    const applies = args[0] === 'apply' || args[0] === 'destroy';
    // Terraform dies of a pipe that nobody reads any more, in the middle of what it makes, and what it made is in no state.
    const file = applies && cwd !== undefined ? new FollowedFile(join(cwd, 'apply.log'), hear) : undefined;
    const output = file?.descriptor ?? 'pipe';
    const child = spawn(binary, args, {
      cwd,
      // A process group of its own: a terminal sends Ctrl-C to ours, and Terraform takes a second interrupt for "drop everything".
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' },
    });
    running.add(child);
    const interrupt = () => child.kill('SIGINT');
    if (!applies) signal?.addEventListener('abort', interrupt, { once: true });
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const ended = () => {
      running.delete(child);
      signal?.removeEventListener('abort', interrupt);
      file?.end();
    };
    child.once('error', (error) => {
      ended();
      reject(error);
    });
    child.once('close', (code, by) => {
      ended();
      if (onLine && line !== '') onLine(line);
      if (code !== null) return resolve({ exitCode: code, stdout, stderr: stripVTControlCharacters(stderr) });
      reject(
        new TandemError('ProcessDied', {
          found: `${binary} was ended by ${by ?? 'a signal'}`,
          expected: 'that it ends by itself',
          next: 'run the command again; a lock that it left is named then, with its id',
        }),
      );
    });
  });
}

const diagnostic = z.object({
  severity: z.enum(['error', 'warning']),
  summary: z.string(),
  detail: z.string().default(''),
  /** Of the resource that it is about, such as `aws_s3_bucket.state`. */
  address: z.string().optional(),
});

export type Diagnostic = z.infer<typeof diagnostic>;

const withDiagnostics = z.union([
  z.object({ diagnostic }).transform((line) => [line.diagnostic]),
  z.object({ diagnostics: z.array(diagnostic) }).transform((whole) => whole.diagnostics),
]);

/** What Terraform says is wrong, from the standard output of `validate -json`, or of any command's `-json` lines. */
export function diagnosticsIn(stdout: string): readonly Diagnostic[] {
  const whole = read(stdout);
  return whole.length > 0 ? whole : stdout.split('\n').flatMap(read);
}

function read(json: string): readonly Diagnostic[] {
  try {
    return withDiagnostics.safeParse(JSON.parse(json)).data ?? [];
  } catch {
    return [];
  }
}

/** The errors as Terraform words them, without the frame it draws around them. */
function errorsIn({ stdout, stderr }: TerraformOutput): string {
  const errors = diagnosticsIn(stdout).filter(({ severity }) => severity === 'error');
  const worded = errors.map(({ address, summary, detail }) =>
    [address, summary, detail].filter((part) => part).join(': '),
  );
  return (
    worded.length > 0
      ? worded.join('\n')
      : (stderr || stripVTControlCharacters(stdout)).replaceAll(/^[╷│╵] ?/gm, '')
  ).trim();
}
