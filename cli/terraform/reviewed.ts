import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { reasonOf, TandemError } from '../../lib/errors';
import type { SynthesizedStack } from '../../stacks/synthesize';
import type { StagePlan } from './apply-stage';
import { initialized, kept, sharePlugins } from './init';
import type { PlannedStack, StackPlan } from './plan-stacks';
import { terraform } from './terraform';

/** Where the key of sealed plans is: 32 bytes as hexadecimal digits. */
const keyVariable = 'TANDEM_PLAN_KEY';
const [ivBytes, tagBytes] = [12, 16];
const lockFile = '.terraform.lock.hcl';

const sealed = z.object({
  schema: z.literal('tandem/reviewed-plan/v1'),
  environment: z.string(),
  stacks: z.array(
    z.object({
      stack: z.string(),
      layer: z.string(),
      region: z.string().optional(),
      add: z.number(),
      change: z.number(),
      destroy: z.number(),
      /** Terraform's plan file, base64. */
      plan: z.string(),
      /** The versions of the providers that made it, which alone may apply it. */
      lock: z.string(),
    }),
  ),
});

/** What was reviewed of an environment, by stack. */
export type Reviewed = ReadonlyMap<string, z.infer<typeof sealed>['stacks'][number]>;

/**
 * Writes the plans of an environment that change something into one file, for another machine to apply: encrypted, because a plan
 * can hold secrets, and so that no byte of it can change between review and apply (AES-256-GCM).
 * @returns the file's SHA-256
 * @throws TandemError PlanKeyInvalid; PlanUnavailable when a stack has no plan, for half of it can't be reviewed
 */
export function seal(environment: string, plans: readonly StackPlan[], file: string): string {
  const failed = plans.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) {
    throw new TandemError('PlanUnavailable', {
      found: `no plan of ${failed.map(({ stack }) => stack).join(', ')}`,
      expected: 'a plan of every stack, to be reviewed as a whole; nothing was sealed',
      next: `mend what is named above; what was never there is made by tandem up ${environment}`,
    });
  }
  const stacks = plans.flatMap((each) => {
    if (each.outcome !== 'changes') return [];
    const { stack, layer, region, add, change, destroy } = each;
    const lock = readFileSync(join(resolve(kept), 'stacks', stack, lockFile), 'utf8');
    return { stack, layer, region, add, change, destroy, plan: readFileSync(each.file, 'base64'), lock };
  });
  const content = JSON.stringify({ schema: 'tandem/reviewed-plan/v1', environment, stacks });
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', planKey(), iv).setAAD(Buffer.from(environment));
  const encrypted = [cipher.update(gzipSync(content)), cipher.final()];
  const bytes = Buffer.concat([iv, ...encrypted, cipher.getAuthTag()]);
  writeFileSync(file, bytes, { mode: 0o600 });
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads what `seal` wrote for this environment.
 * @throws TandemError PlanKeyInvalid; PlanAltered when it is not what was sealed, with another key, or for another environment
 */
export function unseal(environment: string, file: string): Reviewed {
  const key = planKey();
  try {
    const bytes = readFileSync(file);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
      .setAAD(Buffer.from(environment))
      .setAuthTag(bytes.subarray(-tagBytes));
    const packed = Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
    const { stacks } = sealed.parse(JSON.parse(gunzipSync(packed).toString()));
    return new Map(stacks.map((each) => [each.stack, each]));
  } catch (cause) {
    throw new TandemError('PlanAltered', {
      found: `${file} can not be opened as a plan of ${environment}: ${reasonOf(cause)}`,
      expected: `the very file that \`tandem plan ${environment} --out\` wrote, and its key; nothing was applied`,
      next: 'plan and review again; find out who could write that file',
      cause,
    });
  }
}

/**
 * The reviewed plans of stacks that are applied at once, in place of new ones.
 * @param folder where they are kept until they are applied
 */
export async function reviewedStage(
  stage: readonly SynthesizedStack[],
  reviewed: Reviewed,
  folder: string,
  signal: AbortSignal,
): Promise<StagePlan> {
  sharePlugins();
  const changes = new Map<SynthesizedStack, PlannedStack>();
  const contents: StagePlan['contents'][number][] = [];
  for (const stack of stage) {
    const found = reviewed.get(stack.name);
    if (!found) continue;
    const home = dirname(stack.path);
    // Only where none is: Terraform has added to one that is there what this machine's providers are known by.
    if (!existsSync(join(home, lockFile))) writeFileSync(join(home, lockFile), found.lock);
    await initialized(stack, signal);
    const file = join(folder, `${stack.name}.tfplan`);
    const plan = Buffer.from(found.plan, 'base64');
    writeFileSync(file, plan, { mode: 0o600 });
    const { stdout } = await terraform(home, ['show', '-json', file], { signal });
    contents.push({ stack: stack.name, plan: JSON.parse(stdout) });
    const sha256 = createHash('sha256').update(plan).digest('hex');
    const { layer, region, add, change, destroy } = found;
    changes.set(stack, {
      ...{ stack: stack.name, layer, ...(region !== undefined && { region }) },
      ...{ outcome: 'changes', add, change, destroy, resources: [], file, sha256 },
    });
    console.log(`  ${stack.name}: add ${add}, change ${change}, destroy ${destroy}, as reviewed`);
  }
  return { changes, contents };
}

function planKey(): Buffer {
  const key = process.env[keyVariable] ?? '';
  if (/^[0-9a-f]{64}$/i.test(key)) return Buffer.from(key, 'hex');
  throw new TandemError('PlanKeyInvalid', {
    found: key === '' ? `no ${keyVariable}` : `a ${keyVariable} of ${key.length} characters, not shown`,
    expected: '64 hexadecimal digits, the same where the plan is sealed and where it is applied',
    next: `export ${keyVariable}=$(openssl rand -hex 32), or the secret of that name in a workflow`,
  });
}
