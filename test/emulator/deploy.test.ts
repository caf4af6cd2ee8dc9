import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceSchema } from '../../failover/evidence/record';
import { environmentOf, jobOf } from '../support/workflows';
import { awsEnvironment, Checkout, endState, tandem } from './command';
import { Emulator, missingForStacks } from './emulator';
import { publishLag } from './stores';

jest.setTimeout(3_600_000);

const dev = awsEnvironment('dev');
const [east, west] = dev.regions;

/** What the emulated AWS can't answer, or is no AWS: steps that are left out, and why. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [/cosign/, 'no registry is emulated'],
  [/tandem smoke/, 'nothing runs behind the emulated load balancers'],
];

const lack = missingForStacks();
const title = 'the workflows deploy and drill dev, by their own steps, from an account that was bootstrapped';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  let aws: Emulator;
  const checkout = new Checkout();
  const log = process.env.WORKFLOW_LOG;
  beforeAll(async () => {
    // By which npx finds the command.
    cpSync('package.json', join(checkout.folder, 'package.json'));
    aws = await Emulator.start(dev.account);
    const { code, output } = await tandem(['bootstrap', 'dev', '--yes'], aws.environment, {
      checkout: checkout.folder,
    });
    expect({ code, output }).toMatchObject({ code: 0 });
  });
  afterAll(() => {
    aws.stop();
    checkout.remove();
  });

  /** Runs the steps of a job as they are written, but for what `leftOut` says and those whose `if` does not hold. */
  async function runJob(file: string, name: string, expressions: Readonly<Record<string, string>>) {
    const found = jobOf(file, name);
    const ran: string[] = [];
    for (const step of found.job.steps) {
      const { run } = step;
      if (run === undefined || leftOut.some(([what]) => what.test(run))) continue;
      if (step.if === 'inputs.reviewed') continue;
      const env = { ...aws.environment, ...environmentOf(found, step, expressions) };
      const { code, output } = await bash(run, env);
      if (log !== undefined) appendFileSync(log, `$ ${run}\n${output}\n`);
      expect({ run, code, output }).toEqual({ run, code: 0, output });
      ran.push(run);
    }
    return ran;
  }

  const bash = (run: string, env: NodeJS.ProcessEnv) =>
    new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
      const scratch = mkdtempSync(join(tmpdir(), 'tandem-step-'));
      const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
        cwd: checkout.folder,
        env: { ...env, GITHUB_STEP_SUMMARY: join(scratch, 'summary.md') },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.once('close', (code) => {
        rmSync(scratch, { recursive: true, force: true });
        resolve({ code, output });
      });
    });

  it('makes all of it from nothing, and then nothing is left to change', async () => {
    const ran = await runJob('deploy-environment.yml', 'deploy', { 'inputs.environment': 'dev' });
    expect(ran).toEqual(['npx tandem up "$ENVIRONMENT" --yes', 'npx tandem plan "$ENVIRONMENT"']);
  });

  it('moves it to the other region, makes the first a standby again, and it is whole', async () => {
    const credentials = { accessKeyId: 'emulated', secretAccessKey: 'emulated' };
    const client = { region: west, endpoint: aws.endpoint, credentials };
    await publishLag(dev, client, [0, 0]);
    // RDS publishes once a minute; a sample counts from the minute that begins after the writes stopped.
    const publishing = setInterval(() => void publishLag(dev, client, [0], 1, 0), 5_000);
    const expressions = {
      "inputs.environment || 'production'": 'dev',
      "inputs.scenario || 'blackout'": 'switchover',
    };
    const ran = await runJob('drill.yml', 'aws', expressions).finally(() => clearInterval(publishing));
    expect(ran).toEqual([
      'npx tandem status "$ENVIRONMENT"',
      'npx tandem drill "$ENVIRONMENT" --scenario "$SCENARIO" --dry-run',
      'npx tandem drill "$ENVIRONMENT" --scenario "$SCENARIO" --load --yes',
      'cat evidence/*/evidence.md >> "$GITHUB_STEP_SUMMARY"',
    ]);
    const [run = ''] = readdirSync(join(checkout.folder, 'evidence'));
    const record = readFileSync(join(checkout.folder, 'evidence', run, 'evidence.json'), 'utf8');
    const { outcome, phases, movements, objectives } = evidenceSchema.parse(JSON.parse(record));
    expect(outcome).toBe('met');
    expect(phases.filter((phase) => phase.outcome === 'failed')).toEqual([]);
    expect(phases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['switchover: drain', 'reconcile', 'rebuild: replace-stores']),
    );
    // The wait for any workload to notice is in it: 155 s, since none answers.
    expect(movements).toMatchObject([{ kind: 'switchover', from: east, to: west }]);
    expect(movements[0]?.rto.totalSeconds).toBeGreaterThan(155);
    expect(movements[0]?.noLoad).toMatch(
      /does not answer at app\.dev\.tandem\.example; .* it has all from before/,
    );
    expect(objectives).toMatchObject([{ name: 'RTO', objective: 900, met: true }]);
    expect(checkout.rolesOf(dev)).toEqual({
      [east]: { role: 'standby', generation: 2 },
      [west]: { role: 'active', generation: 1 },
    });
    expect((await endState(aws, dev, east, 2)).database).toHaveProperty('source');
    expect(await runJob('drill.yml', 'whole', expressions)).toHaveLength(2);
  });
});
