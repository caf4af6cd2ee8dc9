import type { Place } from '../named';

/** A region's journal of operations. */
export interface OperationsProps extends Place {
  /** This region's key. */
  readonly kmsKeyArn: string;
  /** Whether Terraform and DynamoDB refuse to destroy it. */
  readonly protected: boolean;
}
