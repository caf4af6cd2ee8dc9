/** An alert, and what whoever it wakes should read first. */
interface Alert {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold, as Prometheus writes it. */
  readonly for: string;
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
}

const valkey: readonly Alert[] = [
  {
    alert: 'ValkeyDown',
    expr: 'valkey_up == 0 or absent(valkey_up)',
    for: '1m',
    severity: 'ticket',
    summary: 'Valkey does not answer: the workload serves from PostgreSQL alone.',
  },
  {
    alert: 'ValkeyMemoryHigh',
    expr: 'valkey_memory_used_bytes / (valkey_memory_max_bytes > 0) > 0.8',
    for: '5m',
    severity: 'ticket',
    summary: 'Valkey is four fifths full: at its ceiling it refuses writes, for nothing is evicted.',
  },
  {
    alert: 'ValkeyRefusesWrites',
    expr: 'valkey_memory_used_bytes / (valkey_memory_max_bytes > 0) > 0.98',
    for: '1m',
    severity: 'page',
    summary: 'Valkey is full and refuses writes.',
  },
  {
    alert: 'ValkeyClientsHigh',
    expr: 'valkey_connected_clients > 200',
    for: '5m',
    severity: 'ticket',
    summary: 'More clients than the workload has reason for: connections leak, or somebody else connects.',
  },
  {
    alert: 'BullMqQueueDeep',
    expr: 'valkey_key_size{key=~"bull:.*:wait"} > 1000',
    for: '10m',
    severity: 'ticket',
    summary: 'A queue grows faster than it is worked off.',
  },
  {
    alert: 'ValkeyOutgrown',
    expr: 'valkey_memory_used_bytes > 50 * 2^30 or rate(valkey_commands_processed_total[5m]) > 10000',
    for: '30m',
    severity: 'ticket',
    summary:
      'One pod is no longer the right shape: the triggers for revisiting are reached (docs/valkey.md).',
  },
];

const postgres: readonly Alert[] = [
  {
    alert: 'PostgresDown',
    expr: 'pg_up == 0 or absent(pg_up)',
    for: '30s',
    severity: 'page',
    summary: 'The region has no PostgreSQL: it serves nothing, and can not be failed over to.',
  },
  {
    alert: 'PostgresStandbyBehind',
    expr: 'pg_replication_is_replica == 1 and pg_replication_lag_seconds > <rpo>',
    for: '1m',
    severity: 'page',
    summary: 'A failover now would lose more than the objective allows.',
  },
  {
    alert: 'PostgresHasNoStandby',
    expr: 'pg_replication_is_replica == 0 and on() (count(pg_replication_slot_slot_is_active == 1) or vector(0)) == 0',
    for: '5m',
    severity: 'page',
    summary: 'Nobody copies the primary: there is nothing to fail over to.',
  },
];

const workload: readonly Alert[] = [
  {
    alert: 'WorkloadDown',
    expr: 'sum(up{job="workload"}) < 1 or absent(up{job="workload"})',
    for: '30s',
    severity: 'page',
    summary: 'No pod of the workload answers.',
  },
  {
    alert: 'WorkloadRefusesWrites',
    expr: 'sum by (reason) (rate(writes_refused_total{reason!="standby"}[2m])) > 0',
    for: '2m',
    severity: 'page',
    summary: 'The region refuses writes, and not because it is the standby.',
  },
];

const autopilot: readonly Alert[] = [
  {
    alert: 'AutopilotAsks',
    expr: 'tandem_autopilot_asks == 1',
    for: '0s',
    severity: 'page',
    summary:
      'The other region may be lost and the autopilot does not act: read its log, then decide (docs/autopilot.md).',
  },
  {
    alert: 'AutopilotSilent',
    expr: 'up{job="autopilot"} == 0 or absent(up{job="autopilot"})',
    for: '5m',
    severity: 'page',
    summary: 'Nobody watches: the autopilot does not answer.',
  },
];

/** Prometheus's rules of a region. YAML reads JSON. @param rpoSeconds how far a standby may be behind */
export const alertRules = (rpoSeconds: number): string =>
  JSON.stringify(
    {
      groups: Object.entries({ valkey, postgres, workload, autopilot }).map(([name, alerts]) => ({
        name,
        rules: alerts.map(({ severity, summary, expr, ...alert }) => ({
          ...alert,
          expr: expr.replace('<rpo>', String(rpoSeconds)),
          labels: { severity },
          annotations: { summary },
        })),
      })),
    },
    null,
    1,
  );
