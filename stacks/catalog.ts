import type { App } from 'cdktf';
import type { AwsDeployment, Deployment } from './deployment';
import { TrafficStack } from './traffic';

/** A layer is a stack in each region, or one for the whole environment. */
export type Layer<D extends Deployment> =
  | {
      readonly name: string;
      readonly scope: 'region';
      readonly declare: (app: App, id: string, deployment: D, region: string) => void;
    }
  | {
      readonly name: string;
      readonly scope: 'global';
      readonly declare: (app: App, id: string, deployment: D) => void;
    };

const traffic: Layer<Deployment> = {
  name: 'traffic',
  scope: 'global',
  declare: (app, id, deployment) => new TrafficStack(app, id, deployment),
};

/** The layers in the order in which they are deployed, by target. */
export const awsLayers: readonly Layer<AwsDeployment>[] = [traffic];
export const kubernetesLayers: readonly Layer<Deployment>[] = [traffic];
