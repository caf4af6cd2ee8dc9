import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environmentOf, jobOf, setupSteps, type Step, workflows } from '../support/workflows';
import { missing } from './missing';

jest.setTimeout(1_800_000);

/** Steps that do not run here, and why. Whatever is not named runs exactly as it is written. */
const leftOut: readonly (readonly [what: RegExp, why: string])[] = [
  [/^npm ci$/, 'needs the registry: this checkout’s node_modules stand in'],
  [/^npm run mirror/, 'needs Terraform’s registry'],
  [/^npm test/, 'is this very run'],
  [/^npm run (?:lint|typecheck)$/, 'is what .ci/run runs, as it is written'],
  [/^sudo apt-get|^pipx run|^go (?:run|install)/, 'fetches a tool'],
  [/docker|cosign/, 'needs Docker and registries: test/unit/image.test.ts where it is'],
  [/^gh |gh (?:auth|issue|pr) /, 'needs GitHub'],
  [/^jq .*image\.json/, 'reads what the builder writes'],
];

/**
 * Jobs that have a role on AWS, of which test/emulator/deploy.test.ts and reviewed-plan.test.ts run what they are made of, and
 * those on two clusters, which the cluster lane needs.
 */
const elsewhere = (steps: readonly Step[]): boolean =>
  steps.some(
    ({ run = '', with: { 'role-to-assume': role } }) => role !== undefined || /tandem up local/.test(run),
  );

/** What expressions stand for: the first of each choice, the default of each input. */
const expressions: Readonly<Record<string, string>> = {
  'matrix.environment': 'dev',
  'github.event.pull_request.title': 'feat: `echo $(false)`',
  "inputs.environment || 'production'": 'production',
  "inputs.scenario || 'blackout'": 'blackout',
};

const lack = missing();
const title = 'the steps of the workflows, as they are written, in a clean clone';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const home = mkdtempSync(path.join(tmpdir(), 'tandem-workflows-'));
  const clone = path.join(home, 'clone');
  const artifacts = path.join(home, 'artifacts');
  const summary = path.join(home, 'summary.md');
  const comment = path.join(home, 'comment.md');
  const mirror = process.env.TF_PLUGIN_MIRROR;
  const ran: string[] = [];

  const bash = (run: string, env: NodeJS.ProcessEnv) => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run],
      {
        cwd: clone,
        encoding: 'utf8',
        maxBuffer: 1e8,
        env: {
          ...{ ...process.env, ...env, CI: 'true', GITHUB_STEP_SUMMARY: summary, RUNNER_TEMP: home },
          ...(mirror !== undefined && { TF_PLUGIN_MIRROR: path.resolve(mirror) }),
        },
      },
    );
    expect({ run, status, output: status === 0 ? '' : stdout + stderr }).toEqual({
      run,
      status: 0,
      output: '',
    });
    ran.push(run);
  };

  /** What GitHub does with artifacts, between two folders here. */
  function artifact({ uses = '', with: { name = '', pattern, path: at = '.' } }: Step): void {
    const folder = name.replace('${{ matrix.environment }}', 'dev');
    if (uses.startsWith('actions/upload-artifact@')) {
      const from = path.join(clone, at);
      if (existsSync(from))
        cpSync(from, path.join(artifacts, folder, path.basename(at)), { recursive: true });
    } else if (uses.startsWith('actions/download-artifact@') && pattern !== undefined) {
      const wanted = (each: string) => each.startsWith(pattern.replace('*', ''));
      for (const each of readdirSync(artifacts).filter(wanted)) {
        cpSync(path.join(artifacts, each), path.join(clone, at, each), { recursive: true });
      }
    }
  }

  beforeAll(() => {
    mkdirSync(artifacts);
    expect(spawnSync('git', ['clone', '--quiet', process.cwd(), clone]).status).toBe(0);
    symlinkSync(path.resolve('node_modules'), path.join(clone, 'node_modules'));
    for (const { run = '', if: condition } of setupSteps) {
      if (run !== '' && condition === undefined && !leftOut.some(([what]) => what.test(run))) bash(run, {});
    }
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  // Drift reads what a plan wrote.
  const ordered = [...workflows].toSorted(
    ([one], [other]) => Number(other.endsWith('/plan.yml')) - Number(one.endsWith('/plan.yml')),
  );
  const jobs = ordered.flatMap(([file, { jobs }]) =>
    Object.entries(jobs)
      .filter(([, { steps }]) => !elsewhere(steps))
      .map(([name]) => ({ file: path.basename(file), name })),
  );
  it.each(jobs)('$file: $name', ({ file, name }) => {
    const found = jobOf(file, name);
    // Each job has a checkout of its own; what its set-up makes is kept.
    const kept = ['node_modules', 'dist'].flatMap((folder) => ['--exclude', folder]);
    expect(spawnSync('git', ['clean', '-ffdqx', ...kept], { cwd: clone }).status).toBe(0);
    // What a plan that failed leaves is for `drift`; here the artifact of another workflow stands for it.
    if (file === 'drift.yml') {
      mkdirSync(path.join(artifacts, 'drift-dev'), { recursive: true });
      cpSync(path.join(artifacts, 'plan-2-offline-dev/plan.md'), path.join(artifacts, 'drift-dev/drift.md'));
    }
    for (const step of found.job.steps) {
      const { run } = step;
      artifact(step);
      if (run === undefined || leftOut.some(([what]) => what.test(run))) continue;
      bash(run, environmentOf(found, step, expressions));
    }
    const written = path.join(clone, 'comment.md');
    if (existsSync(written)) cpSync(written, comment);
  });

  it('have rendered a comment for a pull request from a real plan', () => {
    const text = readFileSync(comment, 'utf8');
    expect(text).toMatch(/^### Plan of `dev`: \d{3} to add, 0 to change, 0 to destroy$/m);
    expect(text.match(/^\| tandem-dev-[\w-]+ \| \d+ \| 0 \| 0 \| ✅ \|$/gm)).toHaveLength(16);
    expect(text).toContain('✅ The guard lets it pass');
  });

  it('have rendered a summary from a real drill', () => {
    const text = readFileSync(summary, 'utf8');
    expect(text).toContain('### Plan of `dev`');
    expect(text).toMatch(/one column is [\d.]+ s; the drill took/);
    expect(text).toMatch(/Failover us-east-1 → us-west-2/);
  });

  it('have run, those that can: the others are named with their reason, and each reason is needed', () => {
    expect(ran).toEqual(
      expect.arrayContaining([
        'npm run build',
        'npm run image',
        'npx tandem plan "$ENVIRONMENT" --offline --markdown > plan.md || test $? -eq 2',
        'npx tandem drill "$ENVIRONMENT" --target embedded --scenario "$SCENARIO"',
        'npx tandem diff production --offline --json > production.json || test $? -eq 2',
      ]),
    );
    const all = [...workflows.values()]
      .flatMap(({ jobs }) => Object.values(jobs).flatMap(({ steps }) => steps))
      .concat(setupSteps)
      .flatMap(({ run }) => run ?? []);
    expect(leftOut.filter(([what]) => !all.some((run) => what.test(run)))).toEqual([]);
  });
});
