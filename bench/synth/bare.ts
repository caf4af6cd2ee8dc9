import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { z } from 'zod';

// What plain cdktf costs: the resources of the stacks that BARE_FROM holds, by their classes and with all their attributes,
// and nothing around them. Reading them is part of its time, and is what Tandem's own code has to beat.
const attributes = z.record(z.string(), z.unknown());
const stackFile = z.object({
  provider: z.object({ aws: z.array(z.object({ alias: z.string().optional(), region: z.string() })) }),
  resource: z.record(z.string(), z.record(z.string(), attributes)),
  output: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});

/** A comment, and what would have to be the other resource itself. */
const left: readonly string[] = ['//', 'depends_on'];

const from = path.join(process.env.BARE_FROM ?? '', 'stacks');
const load = createRequire(__filename);
const app = new App();
for (const name of readdirSync(from)) {
  const file = readFileSync(path.join(from, name, 'cdk.tf.json'), 'utf8');
  const { provider, resource, output } = stackFile.parse(JSON.parse(file));
  const stack = new TerraformStack(app, name);
  const providers = new Map(
    provider.aws.map(({ alias, region }) => [
      alias && `aws.${alias}`,
      new AwsProvider(stack, ['aws', alias].filter(Boolean).join('_'), { region, ...(alias && { alias }) }),
    ]),
  );
  for (const [type, byId] of Object.entries(resource)) {
    const construct = classOf(type);
    for (const [id, { provider: of, ...own }] of Object.entries(byId)) {
      const provider = typeof of === 'string' ? providers.get(of) : undefined;
      Reflect.construct(construct, [
        stack,
        id,
        { ...z.record(z.string(), z.unknown()).parse(camel(own)), provider },
      ]);
    }
  }
  for (const [id, { value }] of Object.entries(output)) new TerraformOutput(stack, id, { value });
}
app.synth();

/** A resource's class, found as people find it: by its deep import. */
function classOf(type: string): new () => unknown {
  const loaded: unknown = load(`@cdktf/provider-aws/lib/${type.replace('aws_', '').replaceAll('_', '-')}`);
  const found = Object.values(z.record(z.string(), z.unknown()).parse(loaded)).find(
    (each): each is new () => unknown =>
      typeof each === 'function' && Reflect.get(each, 'tfResourceType') === type,
  );
  if (!found) throw new TypeError(`no class of ${type}`);
  return found;
}

/** Terraform's names as cdktf writes them, at any depth. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !left.includes(key))
      .map(([key, inner]) => [
        key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
        camel(inner),
      ]),
  );
}
