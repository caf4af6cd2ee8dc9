import type { App } from 'cdktf';
import { AutopilotStack } from './autopilot';
import { ClusterStack } from './cluster';
import { DataStack } from './data';
import type { AwsDeployment, Deployment, KubernetesDeployment } from './deployment';
import { IdentityStack } from './identity';
import { KeysStack } from './keys';
import { ClusterAutopilotStack } from './kubernetes/autopilot';
import { ClusterDataStack } from './kubernetes/data';
import { PlatformStack } from './kubernetes/platform';
import { WorkloadStack } from './kubernetes/workload';
import { NetworkStack } from './network';
import { PeeringStack } from './peering';
import { StateStack } from './state';
import { StateBackupStack } from './state-backup';
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

const state: Layer<AwsDeployment> = {
  name: 'state',
  scope: 'region',
  declare: (app, id, deployment, region) => new StateStack(app, id, deployment, region),
};

const identity: Layer<AwsDeployment> = {
  name: 'identity',
  scope: 'global',
  declare: (app, id, deployment) => new IdentityStack(app, id, deployment),
};

const stateBackup: Layer<AwsDeployment> = {
  name: 'state-backup',
  scope: 'global',
  declare: (app, id, deployment) => new StateBackupStack(app, id, deployment),
};

const network: Layer<AwsDeployment> = {
  name: 'network',
  scope: 'region',
  declare: (app, id, deployment, region) => new NetworkStack(app, id, deployment, region),
};

const peering: Layer<AwsDeployment> = {
  name: 'peering',
  scope: 'global',
  declare: (app, id, deployment) => new PeeringStack(app, id, deployment),
};

const keys: Layer<AwsDeployment> = {
  name: 'keys',
  scope: 'region',
  declare: (app, id, deployment, region) => new KeysStack(app, id, deployment, region),
};

const data: Layer<AwsDeployment> = {
  name: 'data',
  scope: 'region',
  declare: (app, id, deployment, region) => new DataStack(app, id, deployment, region),
};

const cluster: Layer<AwsDeployment> = {
  name: 'cluster',
  scope: 'region',
  declare: (app, id, deployment, region) => new ClusterStack(app, id, deployment, region),
};

const autopilot: Layer<AwsDeployment> = {
  name: 'autopilot',
  scope: 'region',
  declare: (app, id, deployment, region) => new AutopilotStack(app, id, deployment, region),
};

const platform: Layer<KubernetesDeployment> = {
  name: 'platform',
  scope: 'region',
  declare: (app, id, deployment, region) => new PlatformStack(app, id, deployment, region),
};

const clusterData: Layer<KubernetesDeployment> = {
  name: 'data',
  scope: 'region',
  declare: (app, id, deployment, region) => new ClusterDataStack(app, id, deployment, region),
};

const workload: Layer<KubernetesDeployment> = {
  name: 'workload',
  scope: 'region',
  declare: (app, id, deployment, region) => new WorkloadStack(app, id, deployment, region),
};

const clusterAutopilot: Layer<KubernetesDeployment> = {
  name: 'autopilot',
  scope: 'region',
  declare: (app, id, deployment, region) => new ClusterAutopilotStack(app, id, deployment, region),
};

const traffic: Layer<Deployment> = {
  name: 'traffic',
  scope: 'global',
  declare: (app, id, deployment) => new TrafficStack(app, id, deployment),
};

/** The layers in the order in which they are deployed, by target. */
export const awsLayers: readonly Layer<AwsDeployment>[] = [
  state,
  identity,
  stateBackup,
  network,
  peering,
  keys,
  data,
  cluster,
  autopilot,
  traffic,
];
export const kubernetesLayers: readonly Layer<KubernetesDeployment>[] = [
  platform,
  clusterData,
  workload,
  clusterAutopilot,
  traffic,
];
