import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { actionlint, type Found, zizmor } from '../support/linters';
import { type Job, setupSteps, workflows, workflowTexts } from '../support/workflows';

jest.setTimeout(400_000);

const all = [...workflows].map(([file, workflow]) => ({ file, workflow }));
const jobs = all.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ file, name, job, events: Object.keys(workflow.on) })),
);
const steps = [
  ...jobs.flatMap(({ file, name, job }) => job.steps.map((step) => ({ where: `${file} ${name}`, step }))),
  ...setupSteps.map((step) => ({ where: 'setup', step })),
];

const linters: readonly (readonly [string, Found, readonly string[]])[] = [
  ['actionlint', actionlint(), []],
  ['zizmor', zizmor(), ['--offline', '.github']],
];
for (const [name, found, args] of linters) {
  const title = `${name} finds nothing`;
  const lack = 'missing' in found ? found.missing : undefined;
  (lack ? it.skip : it)(lack ? `${title} (${lack})` : title, () => {
    const binary = 'binary' in found ? found.binary : '';
    const { status, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  });
}

it('has every workflow that the project promises', () => {
  expect(all.map(({ workflow }) => workflow.name).toSorted()).toEqual(
    [
      ...[
        'build',
        'declare',
        'deploy',
        'deploy-environment',
        'drift',
        'drill',
        'local-e2e',
        'plan',
        'release',
      ],
      ...['security-scan', 'test'],
    ].toSorted(),
  );
});

it('pins every action of others by a commit, with its version beside it', () => {
  const uses = workflowTexts.flatMap(([file, text]) =>
    [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, what = '']) => ({ file, what })),
  );
  const foreign = uses.filter(({ what }) => !what.startsWith('./.github/'));
  expect(foreign.length).toBeGreaterThan(30);
  expect(
    foreign.filter(({ what }) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(what)),
  ).toEqual([]);
  // One version of each, so that an upgrade is one change.
  const commits = new Map<string, Set<string>>();
  for (const { what } of foreign) {
    const [action = '', commit = ''] = what.split('@');
    const repository = action.split('/').slice(0, 2).join('/');
    commits.set(repository, (commits.get(repository) ?? new Set()).add(commit));
  }
  expect([...commits].filter(([, each]) => each.size > 1)).toEqual([]);
});

describe('rights', () => {
  it('are none for a whole workflow, and named for each job', () => {
    expect(all.filter(({ workflow }) => JSON.stringify(workflow.permissions) !== '{}')).toEqual([]);
    expect(jobs.filter(({ job }) => job.permissions === undefined)).toEqual([]);
  });

  /** What a stranger who opens a pull request must not reach. */
  const powers = ({ permissions = {}, environment, secrets, steps }: Job): readonly string[] => [
    ...Object.entries(permissions).flatMap(([what, right]) => (right === 'write' ? [what] : [])),
    ...(environment === undefined ? [] : ['environment']),
    ...(secrets === undefined && !JSON.stringify(steps).includes('secrets.') ? [] : ['secrets']),
  ];
  const notForForks = [
    'github.event.pull_request.head.repo.full_name == github.repository',
    "github.event_name != 'pull_request'",
  ];

  it('of a pull request from a fork are to read, and nothing else', () => {
    const reachable = jobs.filter(({ events }) => events.includes('pull_request'));
    expect(reachable.length).toBeGreaterThan(5);
    const powerful = reachable.filter(({ job }) => powers(job).length > 0);
    expect(powerful.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['live', 'comment', 'publish', 'codeql', 'report']),
    );
    const open = powerful.filter(({ job }) => !notForForks.some((guard) => job.if?.includes(guard)));
    expect(open.map(({ file, name }) => `${file} ${name}`)).toEqual([]);
  });

  it('are never those of our own branch for what a stranger can start', () => {
    const events = new Set(all.flatMap(({ workflow }) => Object.keys(workflow.on)));
    expect([...events].toSorted()).toEqual([
      'pull_request',
      'push',
      'schedule',
      'workflow_call',
      'workflow_dispatch',
    ]);
  });

  it('to change AWS are those of a GitHub environment, whose reviewers were asked', () => {
    const roles = jobs.flatMap(({ file, name, job }) =>
      job.steps.flatMap((step) => {
        const role = step.with['role-to-assume'];
        return role === undefined ? [] : [{ where: `${file} ${name}`, role, environment: job.environment }];
      }),
    );
    expect(roles.length).toBeGreaterThan(4);
    expect(
      roles.filter(({ role, environment }) => role.endsWith('-deploy') !== (environment !== undefined)),
    ).toEqual([]);
    expect(roles.filter(({ role }) => !/:role\/tandem-.*-global-(plan|deploy)$/.test(role))).toEqual([]);
    const keys = workflowTexts.filter(([, text]) => /aws-access-key-id|AWS_SECRET_ACCESS_KEY/.test(text));
    expect(keys).toEqual([]);
  });

  it('to push are not left behind by a checkout', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'));
    expect(checkouts.filter(({ step }) => step.with['persist-credentials'] !== 'false')).toEqual([]);
  });
});

describe('runs', () => {
  it('end: each job has a time', () => {
    const endless = jobs.filter(({ job }) => job.uses === undefined && job['timeout-minutes'] === undefined);
    expect(endless).toEqual([]);
  });

  it('do not meet: each workflow that starts by itself has a concurrency, and one environment has one at a time', () => {
    const called = (on: object) => Object.keys(on).join() === 'workflow_call';
    expect(all.filter(({ workflow }) => !called(workflow.on) && workflow.concurrency === undefined)).toEqual(
      [],
    );
    const groups = workflowTexts
      .filter(([file]) => /(drill|deploy-environment)\.yml$/.test(file))
      .flatMap(([, text]) => [...text.matchAll(/group: environment-\$\{\{ inputs\.environment/g)]);
    expect(groups).toHaveLength(3);
  });

  it('have no text of others in a script: what comes from outside comes as a variable', () => {
    expect(steps.filter(({ step }) => step.run?.includes('${{'))).toEqual([]);
  });
});

describe('commands', () => {
  const scripts = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync('package.json', 'utf8'))).scripts;
  const lines = steps.flatMap(({ step }) => (step.run ?? '').split('\n'));
  const commands = lines.flatMap((line) => {
    const [, words] = /npx tandem ([^>|&]+)/.exec(line) ?? [];
    return words === undefined ? [] : [{ words: words.trim().split(/\s+/) }];
  });

  it('has some to check', () => {
    expect(commands.length).toBeGreaterThan(20);
  });

  it.each([...new Set(commands.map(({ words }) => words[0] ?? ''))])(
    'tandem %s is used as the built command takes it',
    (command) => {
      const { status, stdout } = spawnSync(process.execPath, ['dist/tandem.js', command, '--help'], {
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: tandem ${command} `));
      const used = commands.flatMap(({ words: [first, ...rest] }) => (first === command ? rest : []));
      const flags = used.filter((word) => word.startsWith('--'));
      expect(flags.filter((flag) => !new RegExp(`^  ${flag}[ ,]`, 'm').test(stdout))).toEqual([]);
    },
  );

  it('are scripts of package.json', () => {
    const named = lines.flatMap((line) => /\bnpm run ([\w-]+)/.exec(line)?.[1] ?? []);
    expect(named).toEqual(expect.arrayContaining(['lint', 'typecheck', 'image', 'mirror']));
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
