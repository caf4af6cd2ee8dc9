import { App } from 'cdktf';
import path from 'node:path';
import type { Role } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import { DataStack } from '../../stacks/data';
import type { AwsDeployment } from '../../stacks/deployment';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { awsDeployments, configurationOf, newFolder, untraced } from './graph';

export const production = named('production');
export const dev = named('dev');
export const [east, west] = production.environment.regions;

function named(name: string): AwsDeployment {
  const found = awsDeployments.find(({ environment }) => environment.name === name);
  if (found) return found;
  throw new TandemError('EnvironmentUnknown', {
    found: name,
    expected: 'an environment on AWS',
    next: 'compare environments/',
  });
}

const known = new Map<string, SynthesizedStack>();

/** A region's data stack when it has the role, and its peer the other part of the pair. */
export function dataOf(
  deployment: AwsDeployment,
  region: string,
  role: Role,
  generation = 1,
  peerGeneration = 1,
) {
  const { name: environment, regions } = deployment.environment;
  const peer = region === regions[0] ? regions[1] : regions[0];
  const roles = {
    [region]: { role, generation },
    [peer]: {
      role: role === 'active' ? ('standby' as const) : ('active' as const),
      generation: peerGeneration,
    },
  };
  const key = JSON.stringify([deployment, region, roles]);
  const before = known.get(key);
  if (before) return before;
  const app = new App({ outdir: newFolder() });
  const name = `tandem-${environment}-${region}-data`;
  untraced(() => {
    new DataStack(app, name, { ...deployment, roles }, region);
    app.synth();
  });
  const file = path.join(app.outdir, 'stacks', name, 'cdk.tf.json');
  const stack = { name, layer: 'data', environment, region, path: file };
  known.set(key, stack);
  return stack;
}

export const resourcesOf = (...of: Parameters<typeof dataOf>) => configurationOf(dataOf(...of)).resource;
