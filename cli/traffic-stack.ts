import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../environments';
import type { Roles } from '../environments/roles';
import { reasonOf, TandemError } from '../lib/errors';
import { synthesize } from '../stacks/synthesize';

/**
 * Synthesizes the environment and returns its traffic stack, cdk.tf.json as text; leaves no file.
 * @throws TandemError TempNotWritable, SynthesisUnexpected
 */
export function trafficStack(environment: Environment, roles: Roles): string {
  let outdir: string;
  try {
    outdir = mkdtempSync(join(tmpdir(), 'tandem-synth-'));
  } catch (cause) {
    throw new TandemError('TempNotWritable', {
      found: `${tmpdir()} can not be used: ${reasonOf(cause)}`,
      expected: 'a folder for temporary files that this user can write',
      next: 'set TMPDIR to such a folder and run the command again',
      cause,
    });
  }
  try {
    const stack = synthesize([{ environment, roles, mode: 'offline' }], outdir).find(
      ({ layer }) => layer === 'traffic',
    );
    if (stack) return readFileSync(stack.path, 'utf8');
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
  throw new TandemError('SynthesisUnexpected', {
    found: `${environment.name} has no traffic stack`,
    expected: 'the layer traffic in stacks/catalog.ts',
    next: 'add the layer to the catalog',
  });
}
