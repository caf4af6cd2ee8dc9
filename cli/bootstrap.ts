import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { AwsEnvironment } from '../environments';
import { loadRoles } from '../environments/roles';
import { bootstrapLayers } from '../stacks/aws-stack';
import { stateKeyAlias, stateOf } from '../stacks/backend';
import { type SynthesizedStack, synthesize } from '../stacks/synthesize';
import { TandemError } from '../lib/errors';
import {
  apply,
  type Changes,
  destroy,
  hasState,
  move,
  moveHome,
  planned,
  type Run,
  type Whereabouts,
  whereabouts,
} from './terraform/bootstrap-stack';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';
import { onAws } from './plan';
import { kept, sharePlugins } from './terraform/init';

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
    .option('--remove', 'destroy all of that, when `tandem down` has left nothing else')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem bootstrap staging\n  $ tandem bootstrap production --yes\n  $ tandem bootstrap dev --remove',
    )
    .action(async (name: string, { yes, remove: gone }: { readonly yes?: true; readonly remove?: true }) => {
      const { signal, by } = interruptible();
      const carryOut = gone ? remove : bootstrap;
      try {
        await carryOut(onAws(name), yes === true, { signal, say: (line) => console.log(line) });
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        console.error(`ended by ${interruption}\nNext: the same command goes on where this ended`);
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

/** The stacks, in a folder of the command's own. */
function declared(environment: AwsEnvironment, command: string): readonly SynthesizedStack[] {
  const outdir = resolve(kept, command, environment.name);
  // A state has ids and, after a mistake, secrets: nobody else's business while it is here.
  mkdirSync(outdir, { recursive: true, mode: 0o700 });
  sharePlugins();
  return synthesize([{ environment, roles: loadRoles(environment), mode: 'live' }], outdir);
}

const isOfBootstrap = ({ layer }: SynthesizedStack): boolean => bootstrapLayers.includes(layer);

async function bootstrap(environment: AwsEnvironment, yes: boolean, run: Run): Promise<void> {
  const { name, account } = environment;
  const stacks = declared(environment, 'bootstrap');
  run.say(`Looking at what account ${account} has of ${name}`);
  const surveys: Survey[] = [];
  for (const stack of stacks.filter(isOfBootstrap)) {
    const ready = surveys.every(({ where }) => where === 'bucket');
    surveys.push(await survey(environment, stack, ready, run));
  }
  const open = surveys.filter(({ where, changes }) => where !== 'bucket' || changes);
  for (const each of surveys) run.say(`  ${describe(each)}`);
  if (open.length > 0 && !yes) await confirm(`tandem bootstrap ${name}`, run.signal);
  for (const each of open) await carryOut(each, run);
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

async function carryOut({ stack, home, where, changes }: Survey, run: Run): Promise<void> {
  const since = performance.now();
  const wanted = where === undefined ? await planned(stack, run) : changes;
  if (wanted) {
    run.say(`› ${stack.name}: apply`);
    await apply(stack, run);
    run.say(`✔ ${stack.name}: applied (${((performance.now() - since) / 1000).toFixed(0)} s)`);
  }
  if (where === 'folder') {
    await move(stack, run);
    run.say(`✔ ${stack.name}: state moved to ${home}`);
  }
}

/** The reverse of `bootstrap`: the last thing of an environment that goes. */
async function remove(environment: AwsEnvironment, yes: boolean, run: Run): Promise<void> {
  const { name, account } = environment;
  const stacks = declared(environment, 'remove');
  run.say(`Looking at what account ${account} has of ${name}`);
  const standing: string[] = [];
  for (const stack of stacks)
    if (!isOfBootstrap(stack) && (await hasState(stack, run))) standing.push(stack.name);
  if (standing.length > 0) {
    throw new TandemError('DownRefused', {
      found: `states that hold something: ${standing.join(', ')}`,
      expected: 'nothing but what bootstrap made: without its state nobody can take the rest down in order',
      next: `tandem down ${name}`,
    });
  }
  const made = stacks.filter(isOfBootstrap).toReversed();
  run.say(
    ['What is in these is lost, old states and their copies too:', ...made.map((each) => each.name)].join(
      '\n  ',
    ),
  );
  if (!yes) await confirm(`tandem bootstrap ${name} --remove`, run.signal);
  for (const stack of made.filter(({ region }) => region === undefined)) {
    if (await hasState(stack, run)) await destroySaying(stack, run);
  }
  const regional = made.filter(({ region }) => region !== undefined);
  const home: SynthesizedStack[] = [];
  for (const stack of regional) if (await moveHome(stack, run)) home.push(stack);
  for (const stack of home) await destroySaying(stack, run);
  run.say('Done');
}

async function destroySaying(stack: SynthesizedStack, run: Run): Promise<void> {
  run.say(`› ${stack.name}: destroy`);
  await destroy(stack, run);
  run.say(`✔ ${stack.name}: destroyed`);
}
