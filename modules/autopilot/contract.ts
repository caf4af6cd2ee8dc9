import type { Place } from '../named';

/** What watches from a region and fails over to it. */
export interface AutopilotProps extends Place {
  /** The AWS account, 12 digits. */
  readonly account: string;
  /** The other region, whose database it asks for a sign of life. */
  readonly peer: { readonly privateCidr: string };
  /** The VPC and its private subnets. */
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** The TCP port of the peer's database. */
  readonly databasePort: number;
  /** This region's key for what it keeps: logs, alarms, the journal of operations. */
  readonly kmsKeyArn: string;
  /** How long its log keeps, in days. */
  readonly logRetentionDays: number;
  /** Whether its log outlives it. */
  readonly protected: boolean;
  /** Its image, by digest; left out while none is released: then nothing runs. */
  readonly imageDigest?: string;
  /** The databases of this region and of its peer, of all generations. */
  readonly instanceArns: { readonly own: string; readonly peer: string };
  /** The table that says what is under way. */
  readonly operationsTableArn: string;
  /** The cluster whose nodes have to be enough. */
  readonly nodeGroupArn: string;
}

/** Who may ask a region's database for a sign of life: its peer's autopilot. */
export interface WatchedDatabaseProps extends Place {
  readonly securityGroupId: string;
  readonly port: number;
  /** The peer's private subnets. */
  readonly cidr: string;
}
