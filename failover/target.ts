import type { Agent } from 'node:https';
import type { Roles } from '../environments/roles';
import type { Shortened } from './evidence/record';
import type { DrillEvent } from './events';

/**
 * What can be done to a region, to what runs in it, or to the link between the two. `cut-link` leaves clients their way into
 * the region; `cut-region` leaves nobody any.
 */
export type Fault =
  'kill-region' | 'freeze-region' | 'cut-region' | 'cut-link' | 'delete-pods' | 'kill-postgres';

/** Where clients send requests: a name behind a DNS server, or fixed addresses of one region. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /**
   * `address:port` of the DNS server that answers for `host`, this machine's own when undefined; the addresses themselves when
   * pinned.
   */
  readonly via: { readonly dns: string | undefined } | { readonly addresses: readonly string[] };
  /** By HTTPS, when given. */
  readonly tls?: Agent;
}

/** The timing that Route 53 and the resolvers have on this target. */
export interface Timing {
  readonly healthCheckIntervalSeconds: number;
  readonly failureThreshold: number;
  readonly ttlSeconds: number;
}

/** Seconds that something may take on a target at worst. */
export interface Pace {
  /** Until a region that comes back takes requests, or a standby made anew streams. */
  readonly startSeconds: number;
  /** Until everything that Terraform holds of it is planned. */
  readonly planSeconds: number;
}

/**
 * What the engine needs of an environment it drills. Errors are TandemErrors.
 */
export interface Target {
  readonly kind: 'embedded' | 'kubernetes';
  readonly faults: ReadonlySet<Fault>;
  readonly timing: Timing;
  /** What this target's own work may take, for the budgets of the phases that wait for it. */
  readonly pace: Pace;
  readonly shortened: readonly Shortened[];
  /** What the target can not show, in sentences. */
  readonly simulated: readonly string[];
  /** Versions found, for the evidence. */
  readonly software: { readonly postgres: string; readonly cache: string };
  /** Clients that follow the public name. */
  readonly publicEndpoint: Endpoint;
  /** Clients that hold on to a region's address. */
  pinnedEndpoint(region: string): Endpoint;
  /** Brings up one active region and one standby that streams from it, or makes what stands such a pair again. */
  prepare(active: string, tell: (text: string) => void): Promise<void>;
  inject(fault: Fault, region: string): Promise<void>;
  /** Undoes cut-link; nothing to do is no error. */
  mendLink(): Promise<void>;
  /** Lets the lost region come back by itself: same data, same settings, nobody told it. */
  comeBack(region: string): Promise<void>;
  /** Route 53's verdict on the region's failover record. */
  verdict(region: string): Promise<'healthy' | 'unhealthy'>;
  /**
   * Moves the region's latch through the peer region's API. Closing is done when the API took it, since nothing outweighs
   * it; opening when it is seen open.
   */
  setLatch(region: string, latch: 'closed' | 'open'): Promise<void>;
  /** Whether any workload process of the region would take a write now, by its own word. */
  takesWrites(region: string): Promise<boolean>;
  promote(region: string): Promise<void>;
  /** Bytes of WAL that `standby` has not replayed of what `active` wrote. */
  replicationLagBytes(active: string, standby: string): Promise<number>;
  /** Tells whoever declares the target's infrastructure what the regions are from now on. */
  declare(roles: Roles): Promise<void>;
  /** Makes the region a standby of `active`, which `declare` has said. @returns by what, such as a base backup */
  rebuild(region: string, active: string): Promise<string>;
  /** Keeps an event where the next run finds it, should this one die. */
  journal(event: DrillEvent): void;
  /** Ends what the drill started and undoes what it broke; never throws for what is gone already. */
  close(): Promise<void>;
}
