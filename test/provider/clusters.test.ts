import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { terraform } from '../../cli/terraform/terraform';
import { kubernetesDeployments } from '../synth/graph';
import { graphOf } from '../synth/resources';
import { missing } from './missing';

jest.setTimeout(600_000);

const { TF_PLUGIN_MIRROR: mirror } = process.env;
const lack =
  missing() ??
  (mirror && !existsSync(path.join(mirror, 'registry.terraform.io', 'hashicorp', 'kubernetes'))
    ? 'no Kubernetes provider in TF_PLUGIN_MIRROR: `terraform providers mirror` brings it'
    : undefined);

const plan = z.object({
  resource_changes: z.array(
    z.object({ address: z.string(), change: z.object({ actions: z.array(z.string()) }) }),
  ),
});

const stacks = kubernetesDeployments.flatMap((deployment) => {
  const { stacks: all, resources } = graphOf(deployment);
  const { replicated } = deployment.environment.cache;
  return all
    .filter(({ region, layer }) => region !== undefined && (!replicated || layer === 'data'))
    .map((stack) => ({
      stack,
      name: `${stack.name}${replicated ? ', its cache replicated' : ''}`,
      declared: resources.filter((each) => each.stack === stack.name).map(({ type, id }) => `${type}.${id}`),
    }));
});

const title = 'the real Kubernetes provider';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  it.each(stacks)('plans all of $name, without a cluster', async ({ stack, declared }) => {
    const folder = path.dirname(stack.path);
    await terraform(folder, ['init', '-input=false']);
    await terraform(folder, ['plan', '-input=false', '-out=plan']);
    const { stdout } = await terraform(folder, ['show', '-json', 'plan']);
    const created = plan.parse(JSON.parse(stdout)).resource_changes;
    expect(created.every(({ change }) => change.actions.join() === 'create')).toBe(true);
    expect(created.map(({ address }) => address).toSorted()).toEqual(declared.toSorted());
  });
});
