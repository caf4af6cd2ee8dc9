/** What an environment on Kubernetes calls things in each of its clusters: stacks declare them, commands and drills reach for them. */
export const namespace = 'tandem';

/** TCP ports of every node, the same in both clusters. */
export const nodePorts = {
  workload: 30080,
  prometheus: 30090,
  grafana: 30030,
  /** PostgreSQL, for the peer's replication. */
  replication: 30432,
  /** Valkey, for the peer's replica. */
  cacheReplication: 30379,
} as const;

/** The physical replication slot that holds WAL for a region's standby, on whichever primary it streams from. */
export const slotOf = (region: string): string => `region_${region.replaceAll('-', '_')}`;
