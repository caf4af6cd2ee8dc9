import { App } from 'cdktf';
import { join } from 'node:path';
import { awsLayers, kubernetesLayers, type Layer } from './catalog';
import type { Deployment } from './deployment';

/** A stack as it was written. */
export interface SynthesizedStack {
  /** The stack's name: `tandem-<environment>[-<region>]-<layer>`. */
  readonly name: string;
  readonly layer: string;
  readonly environment: string;
  /** Left out for a global layer. */
  readonly region?: string;
  /** Its Terraform configuration, `cdk.tf.json`. */
  readonly path: string;
}

/** Writes every stack of the given environments below `outdir`, as cdktf lays them out. Reads nothing from AWS. */
export function synthesize(deployments: readonly Deployment[], outdir: string): readonly SynthesizedStack[] {
  const app = new App({ outdir });
  const stacks = deployments.flatMap(({ environment, ...more }) =>
    environment.target === 'aws'
      ? declareLayers(app, awsLayers, { ...more, environment })
      : declareLayers(app, kubernetesLayers, { ...more, environment }),
  );
  app.synth();
  return stacks;
}

function declareLayers<D extends Deployment>(
  app: App,
  layers: readonly Layer<D>[],
  deployment: D,
): readonly SynthesizedStack[] {
  const { name: environment, regions } = deployment.environment;
  return layers.flatMap((layer) => {
    const declared = (region?: string): SynthesizedStack => {
      const parts = ['tandem', environment, region, layer.name];
      const name = parts.filter((part) => part !== undefined).join('-');
      const path = join(app.outdir, 'stacks', name, 'cdk.tf.json');
      return { name, layer: layer.name, environment, ...(region !== undefined && { region }), path };
    };
    if (layer.scope === 'global') {
      const stack = declared();
      layer.declare(app, stack.name, deployment);
      return [stack];
    }
    return regions.map((region) => {
      const stack = declared(region);
      layer.declare(app, stack.name, deployment, region);
      return stack;
    });
  });
}
