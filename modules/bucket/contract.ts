import type { TerraformProvider } from 'cdktf';
import type { Statement } from '../iam/policy';

/** A bucket that nobody reads but by IAM and over TLS, and that keeps what was overwritten for a while. */
export interface BucketProps {
  /** Configures the bucket's region; the stack's own when left out. */
  readonly provider?: TerraformProvider;
  readonly name: string;
  readonly tags: Record<string, string>;
  /** Whether Terraform refuses to destroy it. */
  readonly protected: boolean;
  /** Whether Terraform may destroy it although something is in it. */
  readonly forceDestroy?: boolean;
  /** The key that encrypts what is in it; S3's own when left out. */
  readonly keyArn?: string;
  /** How long an object is kept, in days; for good when left out. */
  readonly expiryDays?: number;
  /** How long an object can be brought back after it was overwritten or deleted, in days. */
  readonly oldVersionDays: number;
  /** The bucket's policy, `tlsOnly` in it. */
  readonly statements: (bucketArn: string) => readonly Statement[];
  /** Ids that are not made of the bucket's as the others are: with another id Terraform would make these anew. */
  readonly ids?: Readonly<Partial<Record<'bucket' | 'publicAccess' | 'ownership', string>>>;
}
