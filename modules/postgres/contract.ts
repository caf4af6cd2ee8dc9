import type { ITerraformDependable } from 'cdktf';
import type { Place } from '../named';

/** A region's PostgreSQL: an instance and its read replicas. */
export interface PostgresProps extends Place {
  /** The AWS account, 12 digits. */
  readonly account: string;
  /** Which incarnation of the region's stores: part of every name here. */
  readonly generation: number;
  /**
   * The instance of the peer region that this one copies, by ARN; left out for a primary. The one thing that tells a replica
   * from the primary that promotion makes of it.
   */
  readonly sourceArn?: string;
  /** The user who owns the database. */
  readonly username: string;
  /** Terraform's expression for the owner's password, which counts only when a primary is created; never a value. */
  readonly password: string;
  /** The database in the instance. */
  readonly database: string;
  /** The TCP port. */
  readonly port: number;
  /** The VPC and its database subnets, in at least two zones. */
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** This region's key: storage, insights and logs. */
  readonly kmsKeyArn: string;
  /** Such as `db.r6i.2xlarge`; the read replicas are as large. */
  readonly instanceClass: string;
  /** Whether the instance has a synchronous copy in another zone. */
  readonly multiAz: boolean;
  /** In GiB. RDS grows it by itself up to the double. */
  readonly storageGb: number;
  readonly storageType: 'gp3';
  /** How many days of backups this region keeps, whichever role it has. */
  readonly backupDays: number;
  /** Read replicas beside the instance. */
  readonly readReplicas: number;
  /** When RDS may be busy, in UTC: `06:00-07:00` each day, `sun:08:00-sun:09:00` each week, not overlapping. */
  readonly windows: { readonly backup: string; readonly maintenance: string };
  /** How long log groups keep, in days. */
  readonly logRetentionDays: number;
  /** Whether Terraform and RDS refuse to destroy it, and its logs outlive it. */
  readonly protected: boolean;
  /** The most that a failover may lose, in seconds: replicas further behind ring. */
  readonly rpoSeconds: number;
  /** Where alarms go. */
  readonly alarmTopicArn: string;
}

/** Where PostgreSQL is reached in the region. */
export interface PostgresOutputs {
  /** Whoever carries it may open connections. */
  readonly clientSecurityGroupId: string;
  /** What the instances carry. */
  readonly serverSecurityGroupId: string;
  /** The instance's DNS name: writes, when it is a primary. */
  readonly writer: string;
  /** The read replicas' DNS names; the instance's own when there are none. */
  readonly readers: readonly string[];
  /** The instance itself, for what has to wait for it. */
  readonly instance: ITerraformDependable;
}

/** A region's PostgreSQL in its cluster: one pod with a volume. */
export interface ClusterPostgresProps extends Place {
  /** The region's role when its data is made, and which incarnation that is; neither is part of the pod. */
  readonly role: string;
  readonly generation: number;
  /** The other region, and the addresses of its cluster's nodes: any of them may be where replication comes from. */
  readonly peer: { readonly region: string; readonly addresses: readonly string[] };
  /** In GiB. */
  readonly storageGb: number;
  /** Whether the region's Valkey is told to follow the database's role. */
  readonly cacheFollows: boolean;
  /** Whether an operator of Prometheus is told of the exporter. */
  readonly serviceMonitors: boolean;
  readonly images: { readonly postgres: string; readonly postgresExporter: string };
}
