import type { AwsEnvironment, Environment, KubernetesEnvironment } from '../environments';
import type { Recorded } from '../environments/recorded';
import type { Roles } from '../environments/roles';
import type { ImageMapping } from '../modules/images';

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
  /** Of an environment on Kubernetes: its clusters by region; placeholders when left out. */
  readonly clusters?: Readonly<Record<string, Cluster>>;
  /** Of an environment on Kubernetes: images that stand for others. */
  readonly images?: ImageMapping;
}

/** A region's cluster. */
export interface Cluster {
  /** The kube context that reaches it. */
  readonly context: string;
  /** IPv4 addresses of all its nodes, as the peer's pods reach them; clients go to the first. */
  readonly addresses: readonly [string, ...string[]];
  /** Who tells its pods where the public name points: address and port, `203.0.113.53:53`. */
  readonly dnsServer: string;
}

export type AwsDeployment = Deployment<AwsEnvironment>;
export type KubernetesDeployment = Deployment<KubernetesEnvironment>;
