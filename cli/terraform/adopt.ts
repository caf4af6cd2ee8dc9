import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { lockTimeout } from './locks';
import { diagnosticsIn, failureOf, terraform, type TerraformOutput } from './terraform';

/** What an apply left behind that failed because of things that exist already. */
interface Failed {
  readonly stack: SynthesizedStack;
  /** The plan that was applied, as Terraform finds it from the stack's folder. */
  readonly plan: string;
  readonly output: TerraformOutput;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const text = z.string();

/**
 * By which id Terraform imports a resource that is made once by its name ("Import" of each resource, Terraform AWS provider
 * documentation).
 */
const importIds: Readonly<
  Record<string, (values: Readonly<Record<string, unknown>>, account: string) => string>
> = {
  aws_cloudwatch_log_group: ({ name }) => text.parse(name),
  aws_db_instance: ({ identifier }) => text.parse(identifier),
  aws_db_parameter_group: ({ name }) => text.parse(name),
  aws_db_subnet_group: ({ name }) => text.parse(name),
  aws_dynamodb_table: ({ name }) => text.parse(name),
  aws_eks_cluster: ({ name }) => text.parse(name),
  aws_elasticache_replication_group: ({ replication_group_id: id }) => text.parse(id),
  aws_elasticache_subnet_group: ({ name }) => text.parse(name),
  aws_iam_openid_connect_provider: ({ url }, account) =>
    `arn:aws:iam::${account}:oidc-provider/${text.parse(url).replace('https://', '')}`,
  aws_iam_policy: ({ name }, account) => `arn:aws:iam::${account}:policy/${text.parse(name)}`,
  aws_iam_role: ({ name }) => text.parse(name),
  aws_kms_alias: ({ name }) => text.parse(name),
  aws_s3_bucket: ({ bucket }) => text.parse(bucket),
};

const plannedResources = z.object({
  planned_values: z.object({
    root_module: z.object({
      resources: z.array(
        z.object({ address: z.string(), type: z.string(), values: z.record(z.string(), z.unknown()) }),
      ),
    }),
  }),
});

/** The account of a live stack, outside of which its provider does nothing. */
const liveStack = z.object({
  provider: z.object({
    aws: z.tuple([z.object({ allowed_account_ids: z.tuple([z.string()]) })], z.unknown()),
  }),
});

/**
 * Imports what the apply could not make because it is there under the same name, which carries the environment: an earlier run
 * made it and was ended before its state was written. The next plan shows where it differs.
 * @returns how many were imported
 */
export async function adopt({ stack, plan, output, signal, say }: Failed): Promise<number> {
  const existing = diagnosticsIn(output.stdout)
    .filter(({ summary, detail }) =>
      /already ?exists|AlreadyOwnedByYou|ResourceInUse/i.test(summary + detail),
    )
    // Of others it is not known how, and a stack without AWS has no account.
    .flatMap(({ address = '' }) => ((address.split('.')[0] ?? '') in importIds ? address : []));
  if (existing.length === 0) return 0;
  const folder = dirname(stack.path);
  const [
    {
      allowed_account_ids: [account],
    },
  ] = liveStack.parse(JSON.parse(readFileSync(stack.path, 'utf8'))).provider.aws;
  const shown = await terraform(folder, ['show', '-json', plan], { signal });
  const { resources } = plannedResources.parse(JSON.parse(shown.stdout)).planned_values.root_module;
  let adopted = 0;
  for (const { address, type, values } of resources) {
    const id = importIds[type];
    if (!id || !existing.includes(address)) continue;
    await terraform(folder, ['import', '-input=false', lockTimeout, address, id(values, account)], {
      signal,
    });
    say(`${address}: exists, taken over`);
    adopted += 1;
  }
  return adopted;
}

const aliasInState = z.object({
  values: z.object({
    root_module: z.object({
      resources: z.tuple([z.object({ values: z.object({ target_key_id: z.string() }) })]),
    }),
  }),
});

/**
 * Takes over the key behind an alias, before a plan would make another key and point the alias at that: what is in the bucket
 * already was encrypted by the first. Nothing happens when there is no such alias.
 * @param folder of a state stack, initialized and with an empty state
 * @throws TandemError TerraformFailed
 */
export async function adoptKey(folder: string, alias: string, signal: AbortSignal): Promise<void> {
  const args = ['import', '-input=false', 'aws_kms_alias.key_alias', `alias/${alias}`] as const;
  const output = await terraform(folder, args, { signal, accept: [0, 1] });
  if (/Cannot import non-existent remote object/.test(output.stderr)) return;
  if (output.exitCode !== 0) throw failureOf(folder, args, output);
  const { stdout } = await terraform(folder, ['show', '-json'], { signal });
  const [imported] = aliasInState.parse(JSON.parse(stdout)).values.root_module.resources;
  await terraform(folder, ['import', '-input=false', 'aws_kms_key.key', imported.values.target_key_id], {
    signal,
  });
}
