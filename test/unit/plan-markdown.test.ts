import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planMarkdown } from '../../cli/terraform/markdown';
import type { StackPlan } from '../../cli/terraform/plan-stacks';
import { TandemError } from '../../lib/errors';

const folder = mkdtempSync(join(tmpdir(), 'tandem-markdown-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A plan as Terraform would show it, written by hand: nothing here was planned. test/provider/guard.test.ts has real ones. */
function planOf(stack: string, type: string, actions: readonly string[]): StackPlan {
  const json = join(folder, `${stack}.json`);
  const address = `${type}.it`;
  const change = {
    actions,
    before: {},
    after: null,
    after_unknown: {},
    before_sensitive: {},
    after_sensitive: {},
  };
  writeFileSync(json, JSON.stringify({ resource_changes: [{ address, type, change }] }));
  const counts = {
    add: 0,
    change: actions.includes('update') ? 1 : 0,
    destroy: actions.includes('delete') ? 1 : 0,
  };
  const resources = [{ address, action: actions[0] ?? '' }];
  return {
    stack,
    layer: 'any',
    outcome: 'changes',
    ...counts,
    resources,
    file: `${stack}.tfplan`,
    sha256: '',
    json,
  };
}

it('shows what the guard refuses, and of each stack what changes or goes', () => {
  const text = planMarkdown('production', false, [
    planOf('network', 'aws_vpc', ['update']),
    planOf('data', 'aws_db_instance', ['delete']),
  ]);
  expect(text).toContain('### Plan of `production`: 0 to add, 1 to change, 1 to destroy');
  expect(text).toContain('| network | 0 | 1 | 0 | ✅ |');
  expect(text).toContain('| data | 0 | 0 | 1 | ❌ refused: 1 |');
  expect(text).toContain('**The guard refuses this:**');
  expect(text).toContain('- data: aws\\_db\\_instance.it would be destroyed');
  expect(text).toContain('- network: update aws\\_vpc.it');
  expect(text).not.toContain('lets it pass');
});

it('does not call a plan good that has holes', () => {
  const error = new TandemError('TerraformFailed', { found: 'a | b\nmore', expected: 'c', next: 'd' });
  const text = planMarkdown('dev', true, [{ stack: 'keys', layer: 'keys', outcome: 'failed', error }]);
  expect(text).toContain('| keys | | | | ❌ no plan: TerraformFailed |');
  expect(text).toContain('❌ **1 of 1 stacks have no plan.**');
  expect(text).toContain('- keys: a \\| b\n');
  expect(text).not.toContain('lets it pass');
});

it('fits into a comment however much changes, and says how much more there is', () => {
  const long = planOf('network', 'aws_vpc', ['update']);
  const resources = Array.from({ length: 5000 }, (_, at) => ({
    address: `aws_vpc.it${at}`,
    action: 'update',
  }));
  const text = planMarkdown('dev', false, [long.outcome === 'failed' ? long : { ...long, resources }]);
  expect(text.length).toBeLessThan(20_000);
  expect(text).toContain('- and 4900 more');
});
