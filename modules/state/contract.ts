import type { TerraformProvider } from 'cdktf';
import type { Place } from '../named';

/** What keeps a region's Terraform state. The same in every environment: state that is gone can't be rebuilt. */
export interface StateProps extends Place {
  /** The AWS account, 12 digits. */
  readonly account: string;
  /** The bucket that keeps the state of the region's stacks. */
  readonly bucketName: string;
  /** The bucket that receives copies of the peer region's state. */
  readonly backupBucketName: string;
  /** The table whose items are the locks. */
  readonly lockTableName: string;
  /** The alias of the region's state key, without `alias/`. */
  readonly keyAlias: string;
}

export interface StateOutputs {
  /** The key that encrypts both buckets and the table. */
  readonly keyArn: string;
}

/** A bucket at one end of a copy. */
export interface CopyEnd {
  /** Its region: by place, never by role. */
  readonly region: string;
  readonly bucketName: string;
  /** The key that encrypts what is in it. */
  readonly keyArn: string;
}

/** One direction in which state is copied. */
export interface StateCopyProps {
  /** The environment's name. */
  readonly environment: string;
  /** Configures the source, in its region. */
  readonly provider: TerraformProvider;
  /** A region's state bucket. */
  readonly from: CopyEnd;
  /** Its peer's backup bucket. */
  readonly to: CopyEnd;
}
