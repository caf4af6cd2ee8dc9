import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { newFolder } from '../synth/graph';
import { missing } from './missing';

jest.setTimeout(300_000);

const kept = z.object({ stacks: z.array(z.unknown()) });
const east = z.object({ file: z.string(), sha256: z.string(), add: z.number() });

/** `tandem plan dev --offline` in a folder of its own, its temporary files too. */
function plan(cwd: string, flags: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.resolve('dist/tandem.js'), 'plan', 'dev', '--offline', ...flags],
    { cwd, encoding: 'utf8', env: { ...process.env, TMPDIR: cwd, ...environment } },
  );
  const plans = path.join(cwd, '.tandem', 'plans', 'dev');
  const { stacks } = kept.parse(JSON.parse(readFileSync(path.join(plans, 'plans.json'), 'utf8')));
  return { status, stdout, stderr, plans, stacks };
}

/** The real Terraform, but for a stack whose folder it spoils with an argument that the provider does not know. */
function terraformThatSpoils(cwd: string, stack: string): string {
  const binary = path.join(cwd, 'terraform-that-spoils');
  const spoilt = '{"resource":{"aws_s3_bucket":{"spoilt":{"no_such_argument":1}}}}';
  const script = `#!/bin/sh
case "$1 $PWD" in init*/${stack}) echo '${spoilt}' > spoilt.tf.json ;; esac
exec terraform "$@"
`;
  writeFileSync(binary, script, { mode: 0o755 });
  return binary;
}

const lack = missing();
const title = 'tandem plan, with the real AWS provider';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  it('keeps what has a plan when another stack has none, says why in Terraform’s words, and exits with 1', () => {
    const cwd = newFolder();
    const { status, stdout, plans, stacks } = plan(cwd, ['--layer', 'keys'], {
      TERRAFORM_BINARY_NAME: terraformThatSpoils(cwd, 'tandem-dev-us-west-2-keys'),
    });
    expect(status).toBe(1);
    expect(stacks).toMatchObject([
      { stack: 'tandem-dev-us-east-1-keys', outcome: 'changes', change: 0, destroy: 0 },
      { stack: 'tandem-dev-us-west-2-keys', outcome: 'failed', error: { code: 'TerraformFailed' } },
    ]);
    const { file, sha256, add } = east.parse(stacks[0]);
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
    expect(readdirSync(plans).toSorted()).toEqual(['plans.json', 'tandem-dev-us-east-1-keys.tfplan']);
    // A plan may hold secrets.
    expect(statSync(plans).mode & 0o777).toBe(0o700);
    expect(stdout).toMatch(/^stack +add +change +destroy$/m);
    expect(stdout).toMatch(new RegExp(`^tandem-dev-us-east-1-keys +${add} +0 +0$`, 'm'));
    expect(stdout).toMatch(/^tandem-dev-us-west-2-keys +failed$/m);
    expect(stdout).toMatch(new RegExp(`^1 of 2 +${add} +0 +0$`, 'm'));
    expect(stdout).toContain('no_such_argument');
    expect(stdout).toContain('Next: mend what is named above');
  });

  it('gives with --json what it keeps in plans.json, and nothing else, and exits with 2', () => {
    const { status, stdout, stderr, stacks } = plan(newFolder(), ['--layer', 'identity', '--json']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(stacks);
    expect(stacks).toMatchObject([{ stack: 'tandem-dev-identity', layer: 'identity', outcome: 'changes' }]);
  });

  it.each(['empty', 'absent'])(
    'says once for all stacks that the mirror is %s, and exits with 1',
    (mirror) => {
      const cwd = newFolder();
      mkdirSync(path.join(cwd, 'empty'));
      const { status, stdout, stacks } = plan(cwd, ['--layer', 'state'], {
        TF_PLUGIN_MIRROR: path.join(cwd, mirror),
      });
      expect(status).toBe(1);
      expect(stacks).toMatchObject([
        { outcome: 'failed', error: { code: 'ProviderMissing' } },
        { outcome: 'failed', error: { code: 'ProviderMissing' } },
      ]);
      expect(stdout.match(/next: .*TF_PLUGIN_MIRROR/g)).toHaveLength(1);
    },
  );
});
