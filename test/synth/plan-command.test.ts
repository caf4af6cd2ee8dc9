import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { newFolder } from './graph';

/** The built command on a machine without Terraform, in a folder of its own. */
function tandem(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.resolve('dist/tandem.js'), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: cwd, TERRAFORM_BINARY_NAME: 'no-such-terraform' },
  });
  return { status, stdout, stderr };
}

describe('tandem plan', () => {
  it.each([
    ['production', ['--region', 'eu-west-1'], 'RegionUnknown', 'one of us-east-1, us-west-2'],
    ['production', ['--layer', 'date'], 'LayerUnknown', 'network'],
    [
      'production',
      ['--region', 'us-east-1', '--layer', 'traffic'],
      'LayerUnknown',
      'a global layer is in no region',
    ],
  ])('refuses %s %s with %s and exit code 1', (name, flags, code, says) => {
    const { status, stdout, stderr } = tandem(newFolder(), 'plan', name, '--offline', ...flags);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`(${code})`);
    expect(stderr).toContain(says);
  });

  it('refuses an environment on Kubernetes that is not up yet', () => {
    const { status, stderr } = tandem(newFolder(), 'plan', 'local');
    expect(status).toBe(1);
    expect(stderr).toContain('(ClustersMissing)');
    expect(stderr).toContain('tandem up local');
  });

  it('says once for all stacks that there is no Terraform, exits with 1 and leaves no temporary folder', () => {
    const cwd = newFolder();
    const { status, stdout } = tandem(cwd, 'plan', 'dev', '--offline', '--region', 'us-east-1');
    expect(status).toBe(1);
    expect(stdout.match(/no no-such-terraform that runs/g)).toHaveLength(1);
    expect(stdout).toMatch(/tandem-dev-us-east-1-network +failed/);
    expect(stdout).not.toContain('us-west-2');
    expect(readdirSync(cwd)).toEqual(['.tandem']);
  });

  it('gives as JSON which stacks of a region and layer have no plan, and why', () => {
    const { stdout } = tandem(
      newFolder(),
      'plan',
      'dev',
      '--offline',
      '--region',
      'us-west-2',
      '--layer',
      'data',
      '--json',
    );
    const listing: unknown = JSON.parse(stdout);
    expect(listing).toMatchObject([
      {
        stack: 'tandem-dev-us-west-2-data',
        layer: 'data',
        region: 'us-west-2',
        outcome: 'failed',
        error: { code: 'TerraformMissing' },
      },
    ]);
  });
});

describe('tandem graph', () => {
  it('draws which layers read which, and what the active region sends to the other', () => {
    const { status, stdout } = tandem(newFolder(), 'graph', 'production');
    expect(status).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trim());
    const [east, west] = ['tandem-production-us-east-1', 'tandem-production-us-west-2'];
    expect(lines[0]).toBe('flowchart TB');
    expect(lines).toContain('subgraph us-east-1["us-east-1: active"]');
    expect(lines).toContain('subgraph us-west-2["us-west-2: standby"]');
    expect(lines).toContain(`${east}-network --> ${east}-data`);
    expect(lines).toContain(`${west}-cluster --> tandem-production-traffic`);
    expect(lines).toContain(`${east}-data == "PostgreSQL, cache, secrets" ==> ${west}-data`);
    expect(stdout).toMatch(
      /tandem-production-state-backup\["state-backup<br\/>\d+ resources<br\/>copies buckets"\]/,
    );
    expect(lines).not.toContainEqual(expect.stringContaining(`${east}-network --> ${west}`));
  });

  it('draws the same as a picture', () => {
    const cwd = newFolder();
    const { status } = tandem(cwd, 'graph', 'production', '--svg', 'production.svg');
    expect(status).toBe(0);
    const svg = readFileSync(path.join(cwd, 'production.svg'), 'utf8');
    const [, width = ''] = /viewBox="0 0 (\d+) \d+"/.exec(svg) ?? [];
    const boxes = [...svg.matchAll(/<rect x="(\d+)" y="(\d+)" width="(\d+)"/g)];
    // None is drawn over another, and none outside.
    expect(new Set(boxes.map(([, x, y]) => `${x ?? ''} ${y ?? ''}`)).size).toBe(boxes.length);
    for (const [, x, , wide] of boxes) expect(Number(x) + Number(wide)).toBeLessThanOrEqual(Number(width));
    expect(svg).toContain('>PostgreSQL, cache, secrets</text>');
    expect(svg).toContain('>us-west-2: standby</text>');
    expect(svg.match(/class="copies"/g)?.length).toBeGreaterThan(1);
  });
});
