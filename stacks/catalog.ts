import type { App } from 'cdktf';
import type { Environment } from '../environments';
import type { Roles } from '../environments/roles';
import { TrafficStack } from './traffic';

/** An environment, and which of its regions is what now. */
export interface Deployment {
  readonly environment: Environment;
  readonly roles: Roles;
}

/** A layer is a stack in each region, or one for the whole environment. */
type Layer =
  | {
      readonly name: string;
      readonly scope: 'region';
      readonly declare: (app: App, id: string, deployment: Deployment, region: string) => void;
    }
  | {
      readonly name: string;
      readonly scope: 'global';
      readonly declare: (app: App, id: string, deployment: Deployment) => void;
    };

/** The layers in the order in which they are deployed. */
export const catalog: readonly Layer[] = [
  {
    name: 'traffic',
    scope: 'global',
    declare: (app, id, { environment }) => new TrafficStack(app, id, environment),
  },
];
