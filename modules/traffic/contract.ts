import type { TerraformProvider } from 'cdktf';
import type { AlarmTopicProps } from '../alarms/contract';

/** One of the two regions, as traffic sees it. */
export interface TrafficRegion {
  /** The region's name: by place, never by role. */
  readonly name: string;
  /** Creates what must live in this region: the latch of its peer. */
  readonly provider: TerraformProvider;
  /** The load balancer that the region's own name points at. */
  readonly loadBalancer: {
    /** Its DNS name, as Elastic Load Balancing gave it. */
    readonly dnsName: string;
    /** The hosted zone of its DNS name: the load balancer's, not ours. */
    readonly zoneId: string;
  };
}

/** What traffic needs to move clients between two regions by health checks alone. */
export interface TrafficProps {
  /** The environment's name. */
  readonly environment: string;
  /** Whether Terraform refuses to destroy the zone, whose name servers the parent zone delegates to. */
  readonly protected: boolean;
  /** The public hosted zone, such as `shop.example`; this layer owns it. */
  readonly zone: string;
  /** The label of the public name in the zone: clients ask for `<host>.<zone>`. */
  readonly host: string;
  /** How long a resolver may keep the public name's answer, in seconds. */
  readonly ttlSeconds: number;
  /** How Route 53 asks a region's own name over HTTPS whether it serves. */
  readonly healthCheck: {
    /** The path that answers 2xx or 3xx while the region serves. */
    readonly path: string;
    /** The time between two requests of one health checker, in seconds: 10 or 30. */
    readonly intervalSeconds: 10 | 30;
    /** How many answers in a row change a health checker's mind. */
    readonly failureThreshold: number;
  };
  /** Both regions by place: the first is PRIMARY for good, whichever is active. */
  readonly regions: readonly [TrafficRegion, TrafficRegion];
}

/** A region as its health checks and records declare it. */
export interface RegionHealth {
  readonly region: string;
  /** The name of this region alone, `<region>.<host>.<zone>`. */
  readonly ownName: string;
  /** The id of the health check of its endpoint. */
  readonly endpointCheckId: string;
  /** The id of the health check that decides whether it is in the public name's answer. */
  readonly healthCheckId: string;
}

/** What traffic gives to whoever drives or watches a failover. */
export interface TrafficOutputs {
  /** The name clients ask for. Its answer is the witness that every workload asks. */
  readonly publicName: string;
  readonly zoneId: string;
  /** The name servers that the parent zone has to delegate to. */
  readonly nameServers: readonly string[];
  /** In the order of the regions. */
  readonly regions: readonly [RegionHealth, RegionHealth];
}

/** Who watches the health checks, and how they are told: all in us-east-1. */
export interface AlarmsProps extends AlarmTopicProps {
  readonly provider: TerraformProvider;
  readonly regions: TrafficOutputs['regions'];
}
