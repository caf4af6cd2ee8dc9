import type { Place } from '../named';

/** A region's load balancer, which exists before any pod: DNS never waits for a controller. */
export interface LoadBalancerProps extends Place {
  /** The AWS account, 12 digits: the bucket of its logs is named by it. */
  readonly account: string;
  /** Whether AWS refuses to delete it, and Terraform to destroy its logs. */
  readonly protected: boolean;
  /** How long access logs are kept, in days. */
  readonly logRetentionDays: number;
  /** The VPC that the pods are in. */
  readonly vpcId: string;
  /** Public subnets, one a zone. */
  readonly subnetIds: string[];
  /** The port on which the pods serve HTTP. */
  readonly podPort: number;
  /** The path that a pod answers with 200 while it may take traffic; Route 53 asks for the same. */
  readonly healthCheckPath: string;
}

export interface LoadBalancerOutputs {
  readonly arn: string;
  readonly dnsName: string;
  /** The hosted zone of its DNS name: AWS's, not ours. */
  readonly zoneId: string;
  /** Open to the world on 443; its way to the pods is the cluster's to declare. */
  readonly securityGroupId: string;
  /** Pods attach to it by a TargetGroupBinding. */
  readonly targetGroupArn: string;
}
