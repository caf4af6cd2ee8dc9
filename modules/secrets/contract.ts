import type { ITerraformDependable } from 'cdktf';
import type { Place } from '../named';

/** The credentials of the database's owner, the same in both regions because replication copies the database's own. */
export interface DatabaseSecretProps extends Place {
  /** The user who owns the database. */
  readonly username: string;
  /** The database in the instance. */
  readonly database: string;
  /** The TCP port. A host is not in the secret: each region has its own. */
  readonly port: number;
  /** Terraform's expression for the password that the database was made with; never a value. */
  readonly password: string;
  /** The key of this region that encrypts the secret. */
  readonly kmsKeyArn: string;
  /** The region that has a copy, under a key of its own. */
  readonly peerRegion: string;
  /** Whether Terraform refuses to destroy the secret. */
  readonly protected: boolean;
  /** What has to be there before the secret is written: the instance, so that a failed creation leaves no secret that opens nothing. */
  readonly after: ITerraformDependable;
}
