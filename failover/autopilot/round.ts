/** The most that a replica was behind within one minute, by CloudWatch. */
export interface LagPoint {
  /** When the minute began, on the wall clock. */
  readonly fromMs: number;
  readonly seconds: number;
}

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
  /** Whether the edge, which is in neither region, answers at all. */
  readonly edgeAnswers?: boolean;
  /** Whether the region's own database is a replica, by RDS. */
  readonly replica?: boolean;
  /** How far it was behind, minute by minute. */
  readonly lag?: readonly LagPoint[];
  /** `half-done`: a failover to this region that its runner did not finish, and that may be taken up. */
  readonly operation?: 'none' | 'under-way' | 'half-done';
  /** Nodes that the region's cluster runs, and those that it needs. */
  readonly nodes?: { readonly running: number; readonly needed: number };
}
