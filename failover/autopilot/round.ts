import type { LagSample } from '../operations/lag';

/**
 * What one round of looks saw, from the region that may be promoted. What a look could not tell is left out: that is
 * neither good nor bad news.
 */
export interface Round {
  /** When the round was over, in milliseconds of a clock that never goes back. */
  readonly atMs: number;
  /** The same on the wall clock. */
  readonly wallMs: number;
  /** Which region the public failover name leads to. */
  readonly witness?: 'own' | 'peer';
  /** Whether a region's own name answers its health check's path with 2xx or 3xx. */
  readonly peerServes?: boolean;
  readonly ownServes?: boolean;
  /** Whether the peer's database takes a connection. */
  readonly peerDatabaseAnswers?: boolean;
  /** Whether something that is in neither region, the edge or the name server's control, answers. */
  readonly edgeAnswers?: boolean;
  /** Whether the region's own database is a replica, by its own word or RDS's. */
  readonly replica?: boolean;
  /** The most that it was behind, minute by minute, at the minute's beginning. */
  readonly lag?: readonly LagSample[];
  /**
   * By the region's journal. `half-done`: a failover to this region that its runner did not finish, and that may be taken up;
   * `abandoned`: another operation like that.
   */
  readonly operation?: 'none' | 'under-way' | 'half-done' | 'abandoned';
  /** What speaks against the region's cluster; empty when it can carry the load. */
  readonly clusterObjections?: readonly string[];
}
