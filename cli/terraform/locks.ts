import { dirname } from 'node:path';
import { TandemError } from '../../lib/errors';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { diagnosticsIn, type TerraformOutput } from './terraform';

/** How Terraform waits for a state's lock: an apply whose command was killed goes on for a while, and holds it. */
export const lockTimeout = '-lock-timeout=3m';

/** What a failed command of Terraform means: that the lock was not free in time, with who has it, or else `failure`. */
export function lockedOr(
  failure: TandemError,
  { name, path }: SynthesizedStack,
  { stdout }: TerraformOutput,
): TandemError {
  const locked = diagnosticsIn(stdout).find(({ summary }) => summary === 'Error acquiring the state lock');
  const field = (label: string) => new RegExp(`^ *${label}: +(.+)`, 'm').exec(locked?.detail ?? '')?.[1];
  const id = field('ID');
  if (id === undefined) return failure;
  return new TandemError('StateLocked', {
    found: `the state of ${name} is locked by ${field('Who') ?? 'somebody'} since ${field('Created') ?? 'some time'}`,
    expected: 'nobody else at work on it',
    next: `ask them; if that run is dead: terraform -chdir=${dirname(path)} force-unlock ${id}, and run the command again`,
    cause: failure,
  });
}
