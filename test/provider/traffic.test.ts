import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { bytesOf, configurationOf, everyDeployment, trafficOf } from '../synth/graph';

const { TF_PLUGIN_MIRROR: mirror, TF_CLI_CONFIG_FILE: cliConfig } = process.env;

/** What this lane lacks, and how to get it; undefined when it can run. */
function missing(): string | undefined {
  if (spawnSync('terraform', ['version']).error) return 'no terraform on PATH: install 1.11 or later';
  if (mirror ? existsSync(mirror) : cliConfig && existsSync(cliConfig)) return undefined;
  return 'no AWS provider: set TF_PLUGIN_MIRROR to a mirror folder, or TF_CLI_CONFIG_FILE to a file that names one';
}

/** Lets the AWS provider plan without credentials and without a request to AWS. */
const offline = {
  access_key: 'offline',
  secret_key: 'offline',
  skip_credentials_validation: true,
  skip_metadata_api_check: true,
  skip_region_validation: true,
  skip_requesting_account_id: true,
};

const configuration = z.object({
  provider: z.object({ aws: z.array(z.object({ alias: z.string().optional() })) }),
});
const validation = z.object({ diagnostics: z.array(z.object({ summary: z.string() })) });
const plan = z.object({
  resource_changes: z.array(
    z.object({ address: z.string(), change: z.object({ actions: z.array(z.string()) }) }),
  ),
});

/** Terraform in the stack's folder, initialized; it answers with its exit code and what it wrote. */
function initialized(stack: SynthesizedStack) {
  const cwd = path.dirname(stack.path);
  const { provider } = configuration.parse(JSON.parse(bytesOf(stack)));
  const override = {
    terraform: { backend: { local: {} } },
    provider: { aws: provider.aws.map(({ alias }) => ({ alias, ...offline })) },
  };
  writeFileSync(path.join(cwd, 'offline_override.tf.json'), JSON.stringify(override));
  const terraform = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('terraform', args, { cwd, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const init = terraform('init', '-input=false', ...(mirror ? [`-plugin-dir=${mirror}`] : []));
  expect(init).toMatchObject({ status: 0 });
  return terraform;
}

const lack = missing();
const title = 'the real AWS provider';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const deploymentsOn = (target: 'aws' | 'kubernetes') =>
    everyDeployment
      .filter(({ environment }) => environment.target === target)
      .map((deployment) => ({ name: deployment.environment.name, deployment }));

  it.each(deploymentsOn('aws'))(
    'plans the traffic of $name without credentials',
    ({ deployment }) => {
      const stack = trafficOf(deployment);
      const terraform = initialized(stack);
      // A plan validates first.
      expect(terraform('plan', '-input=false', '-out=plan')).toMatchObject({ status: 0 });

      const changes = plan.parse(JSON.parse(terraform('show', '-json', 'plan').stdout)).resource_changes;
      const declared = Object.entries(configurationOf(stack).resource).flatMap(([type, byId]) =>
        Object.keys(byId).map((id) => ({ address: `${type}.${id}`, change: { actions: ['create'] } })),
      );
      expect(changes).toHaveLength(declared.length);
      expect(changes).toEqual(expect.arrayContaining(declared));
    },
    180_000,
  );

  // Nothing applies it: the twin's DNS reads it, and the names of its regions are not AWS's.
  it.each(deploymentsOn('kubernetes'))(
    'finds nothing in the traffic of $name to refuse but that its regions have no CloudWatch',
    ({ deployment }) => {
      const { stdout } = initialized(trafficOf(deployment))('validate', '-json');
      const { diagnostics } = validation.parse(JSON.parse(stdout));
      expect(diagnostics.map(({ summary }) => summary).toSorted()).toEqual([
        expect.stringMatching(/^expected cloudwatch_alarm_region to be one of .*, got east$/),
        expect.stringMatching(/^expected cloudwatch_alarm_region to be one of .*, got west$/),
      ]);
    },
    180_000,
  );
});
