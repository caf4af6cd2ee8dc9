import { App } from 'cdktf';
import path from 'node:path';
import { catalog, type Deployment } from './catalog';

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
  const stacks = deployments.flatMap((deployment) =>
    catalog.flatMap((layer) => {
      const environment = deployment.environment.name;
      const written = (name: string) => ({
        name,
        layer: layer.name,
        environment,
        path: path.join(outdir, 'stacks', name, 'cdk.tf.json'),
      });
      if (layer.scope === 'global') {
        const name = `tandem-${environment}-${layer.name}`;
        layer.declare(app, name, deployment);
        return [written(name)];
      }
      return deployment.environment.regions.map((region) => {
        const name = `tandem-${environment}-${region}-${layer.name}`;
        layer.declare(app, name, deployment, region);
        return { ...written(name), region };
      });
    }),
  );
  app.synth();
  return stacks;
}
