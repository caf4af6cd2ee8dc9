import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { terraform } from '../../cli/terraform/terraform';
import type { Roles } from '../../environments/roles';
import type { AwsDeployment } from '../../stacks/deployment';
import { awsDeployments, bytesOf, everyDeployment, newFolder, stackOf } from '../synth/graph';
import { bothWays, graphOf } from '../synth/resources';
import { checked, checkov } from './checkov';
import { explained } from './checkov-explained';
import { missing } from './missing';

// For an environment of 14 stacks on a machine that does other things too.
jest.setTimeout(900_000);

const listing = z.object({
  stacks: z.array(
    z.object({
      stack: z.string(),
      outcome: z.string(),
      add: z.number().optional(),
      change: z.number().optional(),
      destroy: z.number().optional(),
      resources: z.array(z.object({ address: z.string(), action: z.string() })).default([]),
      json: z.string().optional(),
      error: z.unknown().optional(),
    }),
  ),
});

const byName = awsDeployments.map((deployment) => ({ name: deployment.environment.name, deployment }));
const rolesAsDescribed = Object.fromEntries(byName.map(({ name, deployment }) => [name, deployment.roles]));

/** The other region active. */
function swapped({ environment, roles, mode }: AwsDeployment): AwsDeployment {
  const [first, second] = environment.regions;
  const [one, other] = [roles[first], roles[second]];
  return { environment, mode, roles: { ...(other && { [first]: other }), ...(one && { [second]: one }) } };
}

/** A folder in which the built command finds these roles. */
function treeWith(roles: Readonly<Record<string, Roles>>): string {
  const tree = newFolder();
  cpSync('dist', path.join(tree, 'dist'), { recursive: true });
  symlinkSync(path.resolve('node_modules'), path.join(tree, 'node_modules'));
  mkdirSync(path.join(tree, 'environments'));
  writeFileSync(path.join(tree, 'environments', 'roles.json'), JSON.stringify(roles));
  cpSync('environments/recorded.json', path.join(tree, 'environments', 'recorded.json'));
  return tree;
}

/** Runs the built command and reads what it kept. */
function tandem(tree: string, command: 'plan' | 'diff', name: string, ...flags: readonly string[]) {
  const args = [path.join(tree, 'dist', 'tandem.js'), command, name, '--offline', '--json', ...flags];
  const { status } = spawnSync(process.execPath, args, { cwd: tree, maxBuffer: 1e8 });
  const kept = readFileSync(path.join(tree, '.tandem', 'plans', name, 'plans.json'), 'utf8');
  return { status, stacks: listing.parse(JSON.parse(kept)).stacks };
}

/** A plan from nothing: everything that the stacks declare is created, and nothing else. */
const wanted = (deployment: AwsDeployment, layer?: string) => {
  const { stacks, resources } = graphOf(deployment);
  const planned = stacks.filter((stack) => layer === undefined || stack.layer === layer);
  return {
    status: 2,
    stacks: planned.map(({ name }) => {
      const own = resources.filter(({ stack }) => stack === name).map(({ type, id }) => `${type}.${id}`);
      return {
        stack: name,
        created: own.toSorted(),
        add: own.length,
        change: 0,
        destroy: 0,
        error: undefined,
      };
    }),
  };
};

const got = ({ status, stacks }: ReturnType<typeof tandem>) => ({
  status,
  stacks: stacks.map(({ stack, resources, add, change, destroy, error }) => {
    const created = resources.filter(({ action }) => action === 'create').map(({ address }) => address);
    return { stack, created: created.toSorted(), add, change, destroy, error };
  }),
});

const lack = missing();
const title = 'the real AWS provider';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const plans = new Map<string, readonly string[]>();

  // `diff` plans as `plan` does, and keeps the plans as JSON for the checks below.
  it.each(byName)('plans every stack of $name without credentials', ({ name, deployment }) => {
    const run = tandem(treeWith(rolesAsDescribed), name === 'production' ? 'diff' : 'plan', name);
    plans.set(
      name,
      run.stacks.flatMap(({ json }) => json ?? []),
    );
    expect(got(run)).toEqual(wanted(deployment));
  });

  it.each(byName)(
    'plans what is another stack of $name with the other region active',
    ({ name, deployment }) => {
      const other = swapped(deployment);
      const tree = treeWith({ ...rolesAsDescribed, [name]: other.roles });
      // The same bytes have the same plan: only what differs is planned again.
      const differing = graphOf(deployment).stacks.filter(
        ({ layer, region, ...stack }) =>
          bytesOf({ ...stack, layer }) !== bytesOf(stackOf(other, layer, region)),
      );
      const layers = [...new Set(differing.map(({ layer }) => layer))];
      expect(layers).toContain('data');
      for (const layer of layers) {
        expect(got(tandem(tree, 'plan', name, '--layer', layer))).toEqual(wanted(other, layer));
      }
    },
  );

  // Its one stack on AWS's provider, which nothing applies: the twin's DNS reads it.
  it.each(
    everyDeployment
      .filter(({ environment }) => environment.target === 'kubernetes')
      .map((deployment) => ({ name: deployment.environment.name, deployment })),
  )('plans the traffic of $name, which is the same in both roles', async ({ deployment }) => {
    const [one, other] = bothWays(deployment).map((each) => stackOf(each, 'traffic'));
    if (!one || !other) throw new TypeError('nothing to plan');
    expect(bytesOf(one)).toBe(bytesOf(other));
    const folder = path.dirname(one.path);
    await terraform(folder, ['init', '-input=false']);
    const { exitCode } = await terraform(folder, ['plan', '-input=false', '-detailed-exitcode'], {
      accept: [0, 2],
    });
    expect(exitCode).toBe(2);
  });

  it('tags everything in production that AWS lets be tagged', () => {
    const plan = z.object({
      planned_values: z.object({
        root_module: z.object({
          resources: z.array(
            z.object({ address: z.string(), values: z.record(z.string(), z.unknown()).default({}) }),
          ),
        }),
      }),
    });
    const taggable = (plans.get('production') ?? [])
      .flatMap(
        (file) => plan.parse(JSON.parse(readFileSync(file, 'utf8'))).planned_values.root_module.resources,
      )
      .filter(({ values }) => 'tags_all' in values);
    expect(taggable.length).toBeGreaterThan(100);
    const untagged = taggable.filter(
      ({ values }) => !JSON.stringify(values.tags_all).includes('"tandem:layer"'),
    );
    expect(untagged.map(({ address }) => address)).toEqual([]);
  });

  const tool = lack ? { missing: lack } : checkov();
  ('missing' in tool ? it.skip : it)(
    `leaves no failed check of checkov over production unexplained${'missing' in tool ? ` (${tool.missing})` : ''}`,
    () => {
      if ('missing' in tool) return;
      const { results, summary } = checked(tool.binary, plans.get('production') ?? []);
      expect(summary.passed).toBeGreaterThan(500);
      expect(summary.parsing_errors).toBe(0);
      const failed = results.failed_checks.map(({ check_id, check_name, resource, file_path }) => {
        const where = `${path.basename(file_path)} ${resource}`;
        const matches = (on: RegExp) => new RegExp(`\\b${on.source}$`).test(where);
        return {
          known: explained.filter(({ check, on }) => check === check_id && matches(on)),
          line: `${check_id} ${where}: ${check_name}`,
        };
      });
      expect(failed.filter(({ known }) => known.length === 0).map(({ line }) => line)).toEqual([]);
      // An explanation of what no longer fails is out of date.
      expect(explained.filter((each) => !failed.some(({ known }) => known.includes(each)))).toEqual([]);
    },
  );
});
