import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { AwsEnvironment } from '../environments';
import { loadRoles } from '../environments/roles';
import { bootstrapLayers } from '../stacks/aws-stack';
import { stateKeyAlias, stateOf } from '../stacks/backend';
import { type SynthesizedStack, synthesize } from '../stacks/synthesize';
import {
  apply,
  type Changes,
  move,
  planned,
  type Run,
  type Whereabouts,
  whereabouts,
} from './terraform/bootstrap-stack';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';
import { onAws } from './plan';
import { kept, sharePlugins } from './terraform/plan-stacks';

export function bootstrapCommand(program: Command): void {
  program
    .command('bootstrap')
    .summary('make what keeps state and who may deploy, from nothing')
    .description(
      'Makes the state buckets, lock tables and keys of both regions and moves their own state into them, then the\n' +
        'roles of GitHub’s workflows and the copies of state between the regions. Needs an administrator’s credentials.\n' +
        'Asks before it changes anything. Interrupted at any point, a second run goes on; when all is there, it says so.',
    )
    .argument('<environment>', 'an environment on aws, as described in environments/')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExamples:\n  $ tandem bootstrap staging\n  $ tandem bootstrap production --yes')
    .action(async (name: string, { yes }: { readonly yes?: true }) => {
      const { signal, by } = interruptible();
      try {
        await bootstrap(onAws(name), yes === true, { signal, say: (line) => console.log(line) });
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        console.error(`ended by ${interruption}\nNext: tandem bootstrap ${name} goes on where this ended`);
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

interface Survey {
  readonly stack: SynthesizedStack;
  /** Where its state will be for good, as an URL. */
  readonly home: string;
  /** Left out while what the stack reads is not there. */
  readonly where?: Whereabouts;
  /** Left out when nothing would change, or when that can not be known yet. */
  readonly changes?: Changes;
}

async function bootstrap(environment: AwsEnvironment, yes: boolean, run: Run): Promise<void> {
  const { name, account } = environment;
  const outdir = resolve(kept, 'bootstrap', name);
  // A state has ids and, after a mistake, secrets: nobody else's business while it is here.
  mkdirSync(outdir, { recursive: true, mode: 0o700 });
  sharePlugins();
  const stacks = synthesize([{ environment, roles: loadRoles(environment), mode: 'live' }], outdir);

  run.say(`Looking at what account ${account} has of ${name}`);
  const surveys: Survey[] = [];
  for (const stack of stacks.filter(({ layer }) => bootstrapLayers.includes(layer))) {
    const ready = surveys.every(({ where }) => where === 'bucket');
    surveys.push(await survey(environment, stack, ready, run));
  }
  const open = surveys.filter(({ where, changes }) => where !== 'bucket' || changes);
  for (const each of surveys) run.say(`  ${describe(each)}`);
  if (open.length > 0 && !yes) await confirm(`tandem bootstrap ${name}`, run.signal);
  for (const each of open) await carryOut(each, account, run);
  run.say(`${open.length > 0 ? 'Done' : 'Nothing to do'}\nNext: tandem plan ${name}`);
}

async function survey(
  environment: AwsEnvironment,
  stack: SynthesizedStack,
  ready: boolean,
  run: Run,
): Promise<Survey> {
  const { layer, region } = stack;
  const { bucket, key } = stateOf({ environment, layer, ...(region !== undefined && { region }) });
  const known = { stack, home: `s3://${bucket}/${key}` };
  if (region === undefined && !ready) return known;
  // A global layer has its bucket from the start.
  const where =
    region === undefined ? 'bucket' : await whereabouts(stack, stateKeyAlias(environment.name, region), run);
  const changes = await planned(stack, run);
  return { ...known, where, ...(changes && { changes }) };
}

function describe({ stack, home, where, changes }: Survey): string {
  if (where === undefined) return `${stack.name}: after the state of both regions`;
  const what = changes
    ? `add ${changes.add}, change ${changes.change}, destroy ${changes.destroy}`
    : 'as declared';
  return `${stack.name}: ${what}${where === 'folder' ? `, then move its state to ${home}` : ''}`;
}

async function carryOut({ stack, home, where, changes }: Survey, account: string, run: Run): Promise<void> {
  const since = performance.now();
  const wanted = where === undefined ? await planned(stack, run) : changes;
  if (wanted) {
    run.say(`› ${stack.name}: apply`);
    await apply(stack, account, run);
    run.say(`✔ ${stack.name}: applied (${((performance.now() - since) / 1000).toFixed(0)} s)`);
  }
  if (where === 'folder') {
    await move(stack, run);
    run.say(`✔ ${stack.name}: state moved to ${home}`);
  }
}
