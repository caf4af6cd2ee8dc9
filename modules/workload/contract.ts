import type { Place } from '../named';

/** The workload in a region's cluster. */
export interface ClusterWorkloadProps extends Place {
  readonly image: string;
  /** The public name, whose answer is the witness, and the region's own below it. */
  readonly publicName: string;
  /** Who tells the pods where the public name points: address and port. */
  readonly dnsServer: string;
  /** IPv4 addresses of the peer's nodes: the first is asked for the peer's epoch. */
  readonly peerAddresses: readonly [string, ...string[]];
}
