import type { Place } from '../named';

/** A region's image registry, and where its images go. */
export interface RegistryProps extends Place {
  /** The AWS account, 12 digits: both registries are its own. */
  readonly account: string;
  /** Whether Terraform refuses to destroy the images and their key. */
  readonly protected: boolean;
  /** The other region, which gets a copy of every image that is pushed here. */
  readonly peerRegion: string;
  /** What the images are of, by the Terraform name of their repository. */
  readonly repositories: Readonly<Record<string, string>>;
}
