import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf, TandemError } from '../../lib/errors';
import { versions } from '../../lib/versions';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { terraform } from './terraform';

/** Plans, live configuration and providers, relative to where the command runs; ignored by git. */
export const kept = '.tandem';

/** Makes Terraform ready in a stack's folder. @throws TandemError BootstrapMissing, ProviderMissing, TerraformFailed */
export async function initialized(
  { path, environment }: SynthesizedStack,
  signal: AbortSignal,
): Promise<void> {
  try {
    await terraform(dirname(path), ['init', '-input=false', '-no-color'], { signal });
  } catch (cause) {
    // The two failures that are no stack's own: before the first bootstrap, and on a machine without network.
    if (/NoSuchBucket/.test(reasonOf(cause))) {
      throw new TandemError('BootstrapMissing', {
        found: `no bucket for the state of ${environment}`,
        expected: 'the state buckets of both regions',
        next: `tandem bootstrap ${environment}`,
        cause,
      });
    }
    if (!/Failed to query available provider packages/.test(reasonOf(cause))) throw cause;
    const mirror = process.env['TF_PLUGIN_MIRROR'];
    throw new TandemError('ProviderMissing', {
      found: mirror
        ? `none in ${mirror}, which TF_PLUGIN_MIRROR names`
        : 'none, in no mirror and no registry',
      expected: `hashicorp/aws ${versions.awsProvider}`,
      next: 'connect to the network without TF_PLUGIN_MIRROR, or set it to a folder that `terraform providers mirror` filled',
      cause,
    });
  }
}

/** One download of each provider for all stacks. Folders of synthesized stacks have no lock file that it could break. */
export function sharePlugins(): void {
  process.env['TF_PLUGIN_CACHE_DIR'] ??= resolve(kept, 'plugins');
  process.env['TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE'] ??= '1';
  mkdirSync(process.env['TF_PLUGIN_CACHE_DIR'], { recursive: true });
}
