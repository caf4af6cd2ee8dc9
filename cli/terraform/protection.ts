import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { SynthesizedStack } from '../../stacks/synthesize';

const attributes = z.record(z.string(), z.unknown());
const configuration = z.looseObject({
  resource: z.record(z.string(), z.record(z.string(), attributes)).default({}),
});

/** What lets AWS delete a resource with all that is in it, by type. Terraform reads it from the state when it destroys. */
const unprotected: Readonly<Record<string, (declared: z.infer<typeof attributes>) => object>> = {
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
  const whole = configuration.parse(JSON.parse(readFileSync(path, 'utf8')));
  for (const [type, named] of Object.entries(whole.resource)) {
    for (const [name, declared] of Object.entries(named)) {
      const { lifecycle } = declared;
      named[name] = {
        ...declared,
        ...unprotected[type]?.(declared),
        ...(typeof lifecycle === 'object' && { lifecycle: { ...lifecycle, prevent_destroy: false } }),
      };
    }
  }
  writeFileSync(path, JSON.stringify(whole));
  return Object.entries(whole.resource).flatMap(([type, named]) =>
    isProtectedByAws(type) ? Object.keys(named).map((name) => `-target=${type}.${name}`) : [],
  );
}
