import type { TrafficPlace } from '../edge/contract';

/** A region's bucket for static content. */
export interface ContentProps extends TrafficPlace {
  /** The AWS account, 12 digits: a bucket's name is shared by all of AWS, and carries it. */
  readonly account: string;
  /** Whether Terraform refuses to destroy the bucket and its key. */
  readonly protected: boolean;
}

/** What CloudFront needs to know of a bucket before it exists. */
export interface ContentOrigin {
  readonly bucketName: string;
  /** Where CloudFront asks the bucket in its own region. */
  readonly domainName: string;
}
