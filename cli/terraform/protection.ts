import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { guard } from './guard';
import { diagnosticsIn, terraform, type TerraformOutput } from './terraform';

const attributes = z.record(z.string(), z.unknown());
type Attributes = z.infer<typeof attributes>;
const configuration = z.looseObject({
  resource: z.record(z.string(), z.record(z.string(), attributes)).default({}),
});

/** What lets AWS delete a resource with all that is in it, by type. Terraform reads it from the state when it destroys. */
const unprotected: Readonly<Record<string, (declared: Attributes) => object>> = {
  aws_db_instance: ({ replicate_source_db: source }) => ({
    deletion_protection: false,
    // RDS makes no final snapshot of a copy; a primary leaves one.
    ...(source !== undefined && { skip_final_snapshot: true }),
  }),
  aws_dynamodb_table: () => ({ deletion_protection_enabled: false }),
  aws_ecr_repository: () => ({ force_delete: true }),
  aws_lb: () => ({ enable_deletion_protection: false }),
  aws_s3_bucket: () => ({ force_destroy: true }),
};

/** Whether AWS has to be told before a resource of this type can be destroyed. */
export const isProtectedByAws = (type: string): boolean => type in unprotected;

/**
 * Rewrites a synthesized stack as one that may be destroyed, by Terraform and, once that is applied, by AWS.
 * @returns the arguments by which `terraform apply` lifts AWS's protection alone
 */
export function unprotect({ path }: SynthesizedStack): readonly string[] {
  const whole = rewritten(path, (type, declared) => ({
    ...destroyable(declared),
    ...unprotected[type]?.(declared),
  }));
  return Object.entries(whole.resource).flatMap(([type, named]) =>
    isProtectedByAws(type) ? Object.keys(named).map((name) => `-target=${type}.${name}`) : [],
  );
}

/**
 * Says what a stack would lose of which Terraform makes no plan because it has to protect it, and says no more than that: by a plan
 * without the protection, which is thrown away.
 * @param args of `terraform plan`, with its `-out=file`
 * @throws TandemError GuardRefused, unless nothing stateful would be lost
 */
export async function refuseUnprotected(
  { name, path }: SynthesizedStack,
  args: readonly [command: string, ...more: string[]],
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const folder = dirname(path);
  const declared = readFileSync(path);
  rewritten(path, (_, each) => destroyable(each));
  try {
    const { exitCode } = await terraform(folder, args, { signal, accept: [0, 1, 2] });
    if (exitCode !== 2) return;
    const { stdout } = await terraform(folder, ['show', '-json', file], { signal });
    guard([{ stack: name, plan: JSON.parse(stdout) }]);
  } finally {
    writeFileSync(path, declared);
    rmSync(file, { force: true });
  }
}

/** Whether Terraform made no plan because it would destroy what has `prevent_destroy`. */
export const isProtection = ({ stdout }: TerraformOutput): boolean =>
  diagnosticsIn(stdout).some(({ summary }) => summary === 'Instance cannot be destroyed');

const destroyable = ({ lifecycle, ...declared }: Attributes): Attributes => ({
  ...declared,
  ...(typeof lifecycle === 'object' && { lifecycle: { ...lifecycle, prevent_destroy: false } }),
});

function rewritten(path: string, rewrite: (type: string, declared: Attributes) => Attributes) {
  const whole = configuration.parse(JSON.parse(readFileSync(path, 'utf8')));
  for (const [type, named] of Object.entries(whole.resource)) {
    for (const [name, declared] of Object.entries(named)) named[name] = rewrite(type, declared);
  }
  writeFileSync(path, JSON.stringify(whole));
  return whole;
}
