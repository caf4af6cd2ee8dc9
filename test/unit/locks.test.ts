import { lockedOr } from '../../cli/terraform/locks';
import { TandemError } from '../../lib/errors';

const failure = new TandemError('TerraformFailed', { found: 'a failure', expected: 'none', next: 'look' });
const stack = { name: 'east', layer: 'data', environment: 'dev', path: '/stacks/east/cdk.tf.json' };
const saying = (summary: string, detail: string) =>
  lockedOr(failure, stack, {
    exitCode: 1,
    stdout: JSON.stringify({ diagnostic: { severity: 'error', summary, detail } }),
    stderr: '',
  });

/** As Terraform 1.11 words it with both locks, DynamoDB's refusal first. */
const detail = `Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: 61WiTOAUR2USb, ConditionalCheckFailedException: The conditional request failed
Lock Info:
  ID:        c9dcd08e-3dba-0ed2-bc11-6f0de626eba3
  Path:      bucket/data.tfstate
  Operation: OperationTypeApply
  Who:       root@vm
  Version:   1.11.4
  Created:   2026-11-21 15:48:34.592849091 +0000 UTC
`;

it('names who holds a lock, and how to free it by the lock’s own id', () => {
  const locked = saying('Error acquiring the state lock', detail);
  expect(locked.code).toBe('StateLocked');
  expect(locked.detail.found).toContain('east is locked by root@vm since 2026-11-21 15:48:34');
  expect(locked.detail.next).toContain(
    'terraform -chdir=/stacks/east force-unlock c9dcd08e-3dba-0ed2-bc11-6f0de626eba3,',
  );
});

it('leaves any other failure as it is', () => {
  expect(saying('Saved plan is stale', detail)).toBe(failure);
});
