/** Who outside of AWS may plan and deploy an environment: workflows of one GitHub repository. */
export interface IdentityProps {
  /** The environment's name, which is also the name of the GitHub environment that may deploy it. */
  readonly environment: string;
  /** Its two regions. */
  readonly regions: readonly [string, string];
  /** The AWS account, 12 digits. */
  readonly account: string;
  /** The GitHub repository, `owner/name`. */
  readonly repository: string;
  /** Whether to declare GitHub's OIDC provider, of which an account has one, or to rely on another environment's. */
  readonly declaresOidcProvider: boolean;
  /** Where both regions keep their state. */
  readonly state: readonly StateAccess[];
}

/** What a role needs to read and write a region's state, and may not change. */
export interface StateAccess {
  readonly bucketArn: string;
  readonly backupBucketArn: string;
  readonly lockTableArn: string;
  readonly keyArn: string;
}
