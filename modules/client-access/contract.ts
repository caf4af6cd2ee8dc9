import type { Place } from '../named';

/** Who may open connections to a store. */
export interface ClientAccessProps extends Place {
  /** What the store is in names, such as `postgres`. */
  readonly component: string;
  /** The VPC that servers and clients are in. */
  readonly vpcId: string;
  /** The TCP port that the servers listen on. */
  readonly port: number;
}

/** Membership is the permission: no address appears in a rule. */
export interface ClientAccessOutputs {
  /** Whoever carries it may open connections to the servers, and by it to nothing else. */
  readonly clientSecurityGroupId: string;
  readonly serverSecurityGroupId: string;
}
