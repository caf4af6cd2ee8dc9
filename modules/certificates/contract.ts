import type { TrafficPlace } from '../edge/contract';

/** Which names get certificates, and where they are used. */
export interface CertificatesProps {
  /** The public zone, which proves that the names are ours. */
  readonly zoneId: string;
  /** The certified name; a wildcard certifies every name one label below it. At most 64 characters. */
  readonly name: string;
  /** Where load balancers need one. */
  readonly regions: readonly [TrafficPlace, TrafficPlace];
  /** us-east-1, from where CloudFront takes its own; one of `regions` or not. */
  readonly usEast1: TrafficPlace;
}

/** ARNs of certificates that are issued: whoever uses one waits for it. */
export interface CertificatesOutputs {
  /** In the order of the regions. */
  readonly regions: readonly [string, string];
  readonly usEast1: string;
}
