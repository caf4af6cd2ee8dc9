import type { AwsEnvironment, Environment } from '../environments';
import type { Recorded } from '../environments/recorded';
import type { Roles } from '../environments/roles';

/**
 * `live` reads other layers' state and AWS; `offline` puts placeholders of the right form and a local backend in their place,
 * so that every layer plans before anything exists, without credentials and without a request to AWS.
 */
export type Mode = 'live' | 'offline';

/** An environment, which of its regions is what now, and whether AWS is there to ask. */
export interface Deployment<E extends Environment = Environment> {
  readonly environment: E;
  readonly roles: Roles;
  /** What AWS chose when the environment was made; left out when nothing was made, or offline. */
  readonly recorded?: Recorded;
  readonly mode: Mode;
}

export type AwsDeployment = Deployment<AwsEnvironment>;
