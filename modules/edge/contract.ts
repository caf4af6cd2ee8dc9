import type { TerraformProvider } from 'cdktf';
import type { GlobalPlace, Place } from '../named';

/** A region of the traffic layer, whose stack is global: what it owns there is created by the region's own provider. */
export interface TrafficPlace extends Place {
  readonly provider: TerraformProvider;
}

/** Where logs go and what encrypts them. */
export interface LogProps {
  /** The key of the logs' own region. */
  readonly keyArn: string;
  /** How long logs are kept, in days, as CloudWatch offers them. */
  readonly logRetentionDays: number;
}

/** What a region's public edge is made of: its load balancer serves HTTPS to clients, to CloudFront and to Route 53's checkers. */
export interface RegionalEdgeProps extends TrafficPlace, LogProps {
  /** The region's load balancer. */
  readonly loadBalancerArn: string;
  /** Where its pods are. */
  readonly targetGroupArn: string;
  /** Of the load balancer's own region, for every name that reaches it. */
  readonly certificateArn: string;
}

/** What CloudFront serves: the application through the failover name, and static content from both regions' buckets. */
export interface EdgeProps extends GlobalPlace, LogProps {
  /** For what CloudFront takes from us-east-1 alone: its web ACL and its logs. */
  readonly usEast1: TerraformProvider;
  /** The public zone. */
  readonly zoneId: string;
  /** The name that CloudFront answers to. */
  readonly name: string;
  /** The failover name: Route 53 moves this origin between the regions. */
  readonly applicationName: string;
  /** Of us-east-1, for `name`. */
  readonly certificateArn: string;
  /** The regional domain names of the two content buckets: the first is asked first, by place. */
  readonly contentDomainNames: readonly [string, string];
}

/** What CloudFront gives to whoever grants it something, and to whoever deploys. */
export interface EdgeOutputs {
  readonly distributionId: string;
  /** For the policies that let this distribution in and no other. */
  readonly distributionArn: string;
}
