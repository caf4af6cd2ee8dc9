import type { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster';
import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Place } from '../named';

/** What a region's Kubernetes cluster is made of. Nothing here depends on a role: both regions are built alike. */
export interface ClusterProps extends Place {
  /** The AWS account, 12 digits: ARNs are made of it. */
  readonly account: string;
  /** Whether Terraform refuses to destroy the cluster and its key. */
  readonly protected: boolean;
  /** How long the control plane's logs are kept, in days, as CloudWatch offers them. */
  readonly logRetentionDays: number;
  /** Private subnets, one a zone, for the control plane's interfaces and the nodes. */
  readonly subnetIds: string[];
  /** IPv4 networks that may reach the API server from outside the VPC; nobody when empty. */
  readonly publicAccessCidrs: string[];
  /** The role that deploys, which becomes the cluster's administrator. */
  readonly deployRoleArn: string;
  /** The managed nodes. */
  readonly nodes: NodesProps;
  /** What stands in front of the pods. */
  readonly loadBalancer: {
    /** Whoever carries it may open connections to the pods. */
    readonly securityGroupId: string;
    /** Where the load balancer controller may register pods, and nowhere else. */
    readonly targetGroupArn: string;
  };
  /** The workload that the cluster is for. */
  readonly workload: WorkloadProps;
}

export interface NodesProps {
  /** The EC2 instance type; its family decides the processor architecture. */
  readonly instanceType: string;
  /** The fewest nodes, which also a standby runs. */
  readonly minNodes: number;
  /** The most nodes. */
  readonly maxNodes: number;
  /** Security groups that let the nodes' pods open connections to the region's stores; at most four. */
  readonly clientSecurityGroupIds: string[];
}

export interface WorkloadProps {
  /** Its Kubernetes namespace. */
  readonly namespace: string;
  /** Its Kubernetes service account. */
  readonly serviceAccount: string;
  /** The port on which its pods serve HTTP. */
  readonly port: number;
  /** The secret it may read: what it opens the database with. */
  readonly databaseSecretArn: string;
  /** The key that decrypts it. */
  readonly secretsKeyArn: string;
  /** The cache and its user, which it may connect to and as. */
  readonly cacheArn: string;
  readonly cacheUserArn: string;
}

/** The cluster as its nodes, add-ons and identities need it. */
export interface ControlPlane {
  readonly cluster: EksCluster;
  /** Computed, so that a role can name the cluster before it exists. */
  readonly arn: string;
  /** Encrypts everything of the cluster at rest. */
  readonly key: KmsKey;
}

export interface ClusterOutputs {
  readonly name: string;
  /** For roles of service accounts (IRSA). */
  readonly oidcProviderArn: string;
}
