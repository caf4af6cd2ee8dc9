import type { Place } from '../named';

/** A region's Valkey: a cluster of shards. */
export interface CacheProps extends Place {
  /** The AWS account, 12 digits. */
  readonly account: string;
  /** The Global Datastore that pairs it with the peer region's; left out when nothing is replicated between regions. */
  readonly pair?: CachePair;
  /** The VPC and its database subnets, in at least two zones. */
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** This region's key: nodes, snapshots and logs. */
  readonly kmsKeyArn: string;
  /** Such as `cache.r6g.xlarge`. */
  readonly nodeType: string;
  readonly shards: number;
  /** A primary and its replicas. */
  readonly nodesPerShard: number;
  /** When ElastiCache may be busy, in UTC: `06:00-07:00` each day, `sun:08:00-sun:09:00` each week, not overlapping. */
  readonly windows: { readonly backup: string; readonly maintenance: string };
  /** How long log groups keep, in days. */
  readonly logRetentionDays: number;
  /** Whether Terraform refuses to destroy it, and it leaves a last snapshot. */
  readonly protected: boolean;
  /** Where alarms go. */
  readonly alarmTopicArn: string;
}

/** A region's part in a Global Datastore. */
export interface CachePair {
  /** Whether the region declares the Global Datastore: the first by place, for good. */
  readonly owned: boolean;
  /** The Global Datastore that the region's cluster copies, by the id that AWS gave it; left out for a primary. */
  readonly copyOf?: string;
}

/** Where Valkey is reached in the region, and as whom. */
export interface CacheOutputs {
  /** Whoever carries it may open connections. */
  readonly clientSecurityGroupId: string;
  /** The cluster's DNS name. */
  readonly endpoint: string;
  /** For `elasticache:Connect`, which takes both: the cluster, whose name a token is signed for, and the user. */
  readonly arn: string;
  readonly userArn: string;
  /** The id that AWS gave the Global Datastore, where this region owns it. */
  readonly globalDatastoreId?: string;
}

/** A region's Valkey in its cluster: one pod with a volume. */
export interface ClusterCacheProps extends Place {
  /** The other region's nodes, whose Valkey may be replicated from here or to here; left out when nothing is. */
  readonly peer?: { readonly addresses: readonly string[] };
  /** Whether an operator of Prometheus is told of the exporter. */
  readonly serviceMonitors: boolean;
  readonly images: { readonly valkey: string; readonly valkeyExporter: string };
}
