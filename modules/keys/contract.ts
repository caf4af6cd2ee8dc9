import type { Place } from '../named';

/** What a region's keys need to say who may use them. */
export interface KeysProps extends Place {
  /** The AWS account, 12 digits: its IAM policies govern the keys. */
  readonly account: string;
  /** Whether Terraform refuses to destroy the keys. */
  readonly protected: boolean;
}

/** A region's keys for what it keeps. */
export interface KeysOutputs {
  /** Encrypts the database, the cache, their logs and the topic of their alarms. */
  readonly dataKeyArn: string;
  /** Encrypts secrets, so that who may read one needs no key to the data. */
  readonly secretsKeyArn: string;
}
