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

/** What watches from a region's cluster and fails over to it. */
export interface ClusterAutopilotProps extends Place {
  readonly image: string;
  /** Whether it acts, or only says what it would do. */
  readonly mode: 'observe' | 'act';
  /** In seconds: how long all gates have to hold, how long views may differ, what no continuous watch is, the RPO. */
  readonly timing: Readonly<Record<'window' | 'patience' | 'gap' | 'rpo', number>>;
  /** The public name, whose answer is the witness, and what Route 53 asks behind it. */
  readonly publicName: string;
  readonly healthPath: string;
  /** The fewest pods of the workload that carry the load. */
  readonly leastPods: number;
  /** The other region, and IPv4 addresses of its nodes. */
  readonly peer: { readonly region: string; readonly addresses: readonly [string, ...string[]] };
  /** Where names are answered, and latches moved. */
  readonly nameServer: { readonly address: string; readonly port: number; readonly controlPort: number };
}
