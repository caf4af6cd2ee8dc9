import type { Place } from '../named';

/** Names that only a region's own VPC can ask for. */
export interface PrivateZoneProps extends Place {
  /** The VPC whose resolver answers. */
  readonly vpcId: string;
  /** What each name in the zone points at: DNS names, with equal shares of the answers where there is more than one. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}
