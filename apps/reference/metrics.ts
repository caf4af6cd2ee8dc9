import type { Pool } from 'pg';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Gate, roles } from './gate';

/** What Prometheus reads from /metrics; durations in seconds. */
export class Metrics {
  readonly registry = new Registry();

  readonly requestDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['route', 'method', 'status'],
    registers: [this.registry],
  });

  readonly cacheOperations = new Counter({
    name: 'cache_operations_total',
    help: 'Cache operations: hit, miss, invalidated, read-only, error, connection-error',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly writesRefused = new Counter({
    name: 'writes_refused_total',
    help: 'Writes refused, by reason',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  watchGate(gate: Gate): void {
    new Gauge({
      name: 'tandem_region_role',
      help: '1 for the role that this region has now, 0 for the others',
      labelNames: ['role'],
      registers: [this.registry],
      collect() {
        for (const role of roles) this.set({ role }, gate.state.role === role ? 1 : 0);
      },
    });
    new Gauge({
      name: 'tandem_region_writable',
      help: '1 while this process takes writes, 0 while it refuses them',
      registers: [this.registry],
      collect() {
        this.set(gate.state.refusal === undefined ? 1 : 0);
      },
    });
    new Gauge({
      name: 'tandem_epoch',
      help: "Timeline of this region's PostgreSQL, 0 while unknown",
      registers: [this.registry],
      collect() {
        this.set(gate.state.epoch ?? 0);
      },
    });
  }

  watchPool(pool: Pool): void {
    new Gauge({
      name: 'database_pool_connections',
      help: 'Connections of the pool by state, and requests that wait for one',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'waiting' }, pool.waitingCount);
      },
    });
  }
}
