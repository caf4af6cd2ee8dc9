import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type AttributeChange, changesIn, type ResourceChange } from './terraform/changes';
import { exitCodes } from './exit';
import { failuresOf, plan, type PlanFlags } from './plan';

const marks = { create: '+', update: '~', delete: '-', replace: '±', read: '<', forget: '.' } as const;

export function diffCommand(program: Command): void {
  program
    .command('diff')
    .summary('what a plan would change, attribute by attribute')
    .description(
      'Plans as `tandem plan` does and prints each attribute that differs. A sensitive value is never printed.',
    )
    .argument('<environment>', 'what to plan, as described in environments/')
    .option('--offline', 'from nothing, with placeholders for other layers: needs no account')
    .option('--region <region>', 'the stacks of one region alone')
    .option('--layer <layer>', 'the stacks of one layer alone')
    .option('--json', 'the changes as JSON')
    .addHelpText(
      'after',
      `
Marks: + create, ~ update, - destroy, ± replace, ! an attribute that forces the replacement
Exit codes: ${exitCodes.done} nothing would change, ${exitCodes.failed} a stack has no plan, ${exitCodes.changes} something would change

Examples:
  $ tandem diff production
  $ tandem diff production --offline --region us-east-1 --layer network`,
    )
    .action(async (name: string, flags: PlanFlags) => {
      const plans = await plan(name, flags, true);
      const stacks = plans.flatMap((each) => {
        if (each.outcome === 'failed' || each.json === undefined) return [];
        return { stack: each.stack, changes: changesIn(JSON.parse(readFileSync(each.json, 'utf8'))) };
      });
      if (flags.json) return console.log(JSON.stringify(stacks, null, 2));
      for (const { stack, changes } of stacks) {
        console.log(`\n${stack}: ${changes.length === 0 ? 'nothing' : changes.length} to change`);
        for (const change of changes) console.log(linesOf(change).join('\n'));
      }
      console.log(['', ...failuresOf(plans)].join('\n'));
    });
}

function linesOf({ address, action, attributes }: ResourceChange): readonly string[] {
  const width = Math.max(0, ...attributes.map(({ path }) => path.length));
  return [`  ${marks[action]} ${address}`, ...attributes.map((each) => lineOf(each, width))];
}

function lineOf({ path, before, after, forcesReplacement }: AttributeChange, width: number): string {
  const values = [before, after].filter((value) => value !== undefined).join(' → ');
  return `    ${forcesReplacement ? '!' : ' '} ${path.padEnd(width)}  ${after === undefined ? `${values} → (none)` : values}`;
}
