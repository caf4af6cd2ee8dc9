import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type * as Terraform from '../../cli/terraform/terraform';
import { waitFor } from '../../lib/wait';

/*
 * Terraform is stood in for by a script of the test: these rules are about the process and its words. The real one runs in
 * the lanes provider and emulator.
 */
const folder = mkdtempSync(join(tmpdir(), 'tandem-terraform-'));
const binary = join(folder, 'terraform');
const environment = { ...process.env };
// Each test loads the module anew, and each listens for the end of the process.
process.setMaxListeners(30);
afterEach(() => {
  process.env = { ...environment };
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The module with a memory of its own, and a Terraform that does what the script says when it is not asked its version. */
function withTerraform(script: string, version = 'Terraform v1.11.4'): typeof Terraform {
  writeFileSync(binary, `#!/bin/sh\nif [ "$1" = version ]; then echo '${version}'; exit; fi\n${script}\n`);
  chmodSync(binary, 0o755);
  process.env['TERRAFORM_BINARY_NAME'] = binary;
  let module: typeof Terraform | undefined;
  jest.isolateModules(() => {
    module = jest.requireActual<typeof Terraform>('../../cli/terraform/terraform');
  });
  if (module) return module;
  throw new TypeError('jest loaded nothing');
}

describe('the binary', () => {
  it('is the one that TERRAFORM_BINARY_NAME names', async () => {
    const { terraformOnPath } = withTerraform('exit 0', 'OpenTofu v1.11.0');
    expect(await terraformOnPath()).toEqual({ binary, version: 'OpenTofu v1.11.0' });
  });

  it('is refused when it is older than the stacks need', async () => {
    const { terraform } = withTerraform('exit 0', 'Terraform v1.10.9');
    await expect(terraform(folder, ['init'])).rejects.toMatchObject({
      code: 'TerraformTooOld',
      detail: { found: `Terraform v1.10.9 (${binary})`, expected: '1.11 or newer' },
    });
  });

  it('is missing when nothing of that name is Terraform', async () => {
    const { terraform } = withTerraform('exit 0', 'something else v9.9.9');
    await expect(terraform(folder, ['init'])).rejects.toMatchObject({ code: 'TerraformMissing' });
  });
});

describe('a command', () => {
  it('gets the mirror for init and for nothing else, and is never asked anything', async () => {
    const { terraform } = withTerraform('echo "$@"; echo "$TF_INPUT $PWD"');
    process.env['TF_PLUGIN_MIRROR'] = '/mirror';
    const init = await terraform(folder, ['init', '-reconfigure']);
    expect(init).toEqual({
      exitCode: 0,
      stdout: `init -reconfigure -plugin-dir=/mirror\n0 ${folder}\n`,
      stderr: '',
    });
    expect((await terraform(folder, ['plan'])).stdout).toMatch(/^plan\n/);
  });

  it('gives whole lines as they come', async () => {
    const { terraform } = withTerraform('printf "on"; sleep 0.1; printf "e\\ntwo\\nlast"');
    const lines: string[] = [];
    await terraform(folder, ['plan'], { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two', 'last']);
  });

  it('may end with what its caller accepts, and fails with anything else', async () => {
    const { terraform } = withTerraform('exit 2');
    await expect(terraform(folder, ['plan'], { accept: [0, 2] })).resolves.toMatchObject({ exitCode: 2 });
    await expect(terraform(folder, ['plan'])).rejects.toMatchObject({ code: 'TerraformFailed' });
  });

  it('fails with Terraform’s own words, unframed', async () => {
    const { terraform } = withTerraform(
      `printf '\\033[31m╷\\n│\\033[0m Error: No such bucket\\n│ \\n│ "x" is not there.\\n╵\\n' >&2; exit 1`,
    );
    await expect(terraform(folder, ['apply'])).rejects.toMatchObject({
      detail: {
        found: `\`terraform apply\` in ${folder} exited with 1:\nError: No such bucket\n\n"x" is not there.`,
      },
    });
  });

  it('fails with the errors of its JSON lines, by resource', async () => {
    const line = (severity: string, address: string) =>
      JSON.stringify({
        type: 'diagnostic',
        diagnostic: { severity, summary: 'Refused', detail: 'Why', address },
      });
    const lines = ['{"type":"version"}', line('warning', 'aws_vpc.a'), line('error', 'aws_vpc.b')].join('\n');
    const { terraform } = withTerraform(`cat <<'END'\n${lines}\nEND\nexit 1`);
    await expect(terraform(folder, ['apply', '-json'])).rejects.toThrow(
      /exited with 1:\naws_vpc\.b: Refused: Why; expected/,
    );
  });

  it.each([
    ['is interrupted and waited for', 'plan', 'interrupted\nended\n'],
    // Its provider would drop what it just asks of AWS.
    ['is waited for when it applies', 'apply', 'ended\n'],
  ] as const)('%s, when the signal aborts', async (_, command, said) => {
    const log = join(folder, `heard-of-${command}`);
    const { terraform } = withTerraform(
      `trap 'echo interrupted >>${log}' INT\necho up\nsleep 1 >/dev/null 2>&1 & wait; wait; echo ended >>${log}; exit 1`,
    );
    const controller = new AbortController();
    const ended = terraform(folder, [command], {
      signal: controller.signal,
      onLine: () => controller.abort(new DOMException('ended by SIGINT', 'AbortError')),
    });
    await expect(ended).rejects.toThrow('ended by SIGINT');
    expect(readFileSync(log, 'utf8')).toBe(said);
  });

  it.each([
    // Whoever writes into a pipe that nobody reads any more dies of it.
    ['goes on when the command that applies is killed', 'SIGKILL', 'up\nended\n'],
    ['is interrupted when the command that applies ends at once', 'SIGTERM', 'up\ninterrupted\n'],
  ] as const)('%s', async (_, signal, said) => {
    const log = join(folder, `heard-after-${signal}`);
    withTerraform(
      `trap 'echo interrupted >>${log}; exit 1' INT\necho up | tee -a ${log}\nsleep 1 >/dev/null 2>&1 & wait; echo more; echo ended >>${log}`,
    );
    const built = join(folder, 'terraform.js');
    await build({
      entryPoints: [join(__dirname, '../../cli/terraform/terraform.ts')],
      bundle: true,
      platform: 'node',
      outfile: built,
    });
    const script = `
      process.on('SIGTERM', () => process.exit(143));
      void require(${JSON.stringify(built)}).terraform(${JSON.stringify(folder)}, ['apply'], { onLine: console.log });
    `;
    const child = spawn(process.execPath, ['-e', script], {
      env: { ...process.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', () => child.kill(signal));
    await once(child, 'close');
    const budget = { name: 'test', seconds: 20 };
    const whole = () => Promise.resolve(readFileSync(log, 'utf8') === said || undefined);
    await waitFor({ what: `${log} to say ${said}`, budget, next: 'read it', everyMs: 50 }, whole);
  });
});

it('reads the diagnostics of validate, which is one document', () => {
  const { diagnosticsIn } = withTerraform('exit 0');
  const document = { valid: false, diagnostics: [{ severity: 'error', summary: 'Unsupported argument' }] };
  expect(diagnosticsIn(JSON.stringify(document, null, 2))).toEqual([
    { severity: 'error', summary: 'Unsupported argument', detail: '' },
  ]);
  expect(diagnosticsIn('no JSON\n{"half":')).toEqual([]);
});
