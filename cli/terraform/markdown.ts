import { readFileSync } from 'node:fs';
import { escapeMarkdown as text } from '../../failover/evidence/markup';
import { refusalsIn } from './guard';
import type { StackPlan } from './plan-stacks';

/** Lines of a list at most: a comment on GitHub takes 65,536 characters, and holds several environments. */
const mostListed = 100;

/**
 * The plans of an environment for a pull request: a row a stack with the guard's verdict, what is refused, what fails, and what
 * changes or goes. What is only added is counted.
 * @param plans with their JSON
 */
export function planMarkdown(environment: string, offline: boolean, plans: readonly StackPlan[]): string {
  const rows = plans.map((each) => ({ ...each, refused: refusalsOf(each) }));
  const sum = (figure: 'add' | 'change' | 'destroy') =>
    plans.reduce((total, each) => total + (each.outcome === 'failed' ? 0 : each[figure]), 0);
  const refused = rows.flatMap(({ stack, refused }) => refused.map((each) => ({ stack, ...each })));
  const failed = plans.filter(({ outcome }) => outcome === 'failed').length;
  return [
    `### Plan of \`${environment}\`: ${sum('add')} to add, ${sum('change')} to change, ${sum('destroy')} to destroy`,
    '',
    offline
      ? 'Offline: from nothing, with placeholders for other layers, as if nothing existed yet.'
      : 'Live: against what exists.',
    '',
    '| stack | add | change | destroy | guard |',
    '| --- | --: | --: | --: | --- |',
    ...rows.map((each) =>
      each.outcome === 'failed'
        ? `| ${text(each.stack)} | | | | ❌ no plan: ${text(each.error.code)} |`
        : `| ${text(each.stack)} | ${each.add} | ${each.change} | ${each.destroy} | ${verdictOf(each.refused.length)} |`,
    ),
    '',
    refused.length > 0
      ? '❌ **The guard refuses this:** applying it would lose something stateful.'
      : failed > 0
        ? `❌ **${failed} of ${plans.length} stacks have no plan.**`
        : '✅ The guard lets it pass: nothing stateful would be lost.',
    ...refused.map(({ stack, address, reason }) => `- ${text(stack)}: ${text(address)} ${text(reason)}`),
    '',
    ...listOf(plans),
  ].join('\n');
}

const verdictOf = (refused: number): string => (refused === 0 ? '✅' : `❌ refused: ${refused}`);

function refusalsOf(plan: StackPlan) {
  if (plan.outcome === 'failed' || plan.json === undefined) return [];
  return refusalsIn(JSON.parse(readFileSync(plan.json, 'utf8')));
}

function listOf(plans: readonly StackPlan[]): readonly string[] {
  const lines = plans.flatMap((each) =>
    each.outcome === 'failed'
      ? [`- ${text(each.stack)}: ${text(each.error.detail.found.split('\n')[0] ?? '')}`]
      : each.resources
          .filter(({ action }) => !['create', 'read'].includes(action))
          .map(({ address, action }) => `- ${text(each.stack)}: ${text(action)} ${text(address)}`),
  );
  if (lines.length === 0) return [];
  const more = lines.length - mostListed;
  return [
    '<details><summary>What changes, goes or fails</summary>',
    '',
    ...lines.slice(0, mostListed),
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
    '</details>',
    '',
  ];
}
