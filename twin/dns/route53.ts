import { setMaxListeners } from 'node:events';
import { answer, type Asked } from './answer';
import { type EndpointWatch, watchEndpoint } from './checker';
import { CloudWatch, type MetricDatum } from './cloudwatch';
import { probeEndpoint } from './probe';
import { startDnsServer } from './server';
import { calculatedStatus, reportedStatus, type Status } from './status';
import { type EndpointCheck, unexpected } from './synthesized';
import { readZone, type RecordSet, type ZoneOptions } from './zone';

interface Route53Options extends ZoneOptions {
  /** The port that stands for 443 here, where an HTTPS check asks over plain HTTP. */
  readonly endpointPort: number;
  /** Stands in for every request_interval and every alarm's period when set. */
  readonly intervalMs?: number;
  /** Stands in for every alarm's period when set, in milliseconds. */
  readonly alarmPeriodMs?: number;
  /** The address that serves DNS over UDP and TCP, on a free port unless one is given. */
  readonly bind: { readonly address: string; readonly port?: number };
}

/** A health check's new status. */
export interface StatusChange {
  /** The health check's logical id. */
  readonly healthCheck: string;
  readonly status: Status;
  /** When, on the clock of `performance.now()`. */
  readonly atMs: number;
}

export interface Route53 {
  readonly address: string;
  readonly port: number;
  /** The verdict on the failover record whose set_identifier is this region. */
  healthOf(region: string): Status;
  statusOf(healthCheck: string): Status;
  onChange(listener: (change: StatusChange) => void): void;
  /**
   * Puts a data point as a region's CloudWatch would take it.
   * @throws TandemError RegionUnreachable while that region is down
   */
  putMetricData(region: string, datum: MetricDatum): void;
  /** Takes a region's CloudWatch away, or brings it back. */
  setRegionDown(region: string, down: boolean): void;
  /** Ends every request, timer and socket; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Starts a name server that answers from a synthesized traffic stack, and the health checkers behind it.
 * @throws TandemError SynthesisUnexpected, PortUnavailable
 */
export async function startRoute53(options: Route53Options): Promise<Route53> {
  const zone = readZone(options);
  const { endpoints, alarms, calculated } = zone.healthChecks;
  const statuses = new Map<string, Status>();
  const listeners: ((change: StatusChange) => void)[] = [];
  const watched = new Map<string, EndpointWatch>();
  const cloudWatch = new CloudWatch(alarms, refresh, options.alarmPeriodMs);

  function set(healthCheck: string, status: Status): void {
    if (statuses.get(healthCheck) === status) return;
    statuses.set(healthCheck, status);
    for (const listener of listeners) listener({ healthCheck, status, atMs: performance.now() });
  }

  function statusOf(healthCheck: string): Status {
    const status = statuses.get(healthCheck);
    if (!status) throw unexpected(`health check ${healthCheck}`, `one of ${[...statuses.keys()].join(', ')}`);
    return status;
  }

  /** Children first: a calculated check follows what they report now. */
  function refresh(): void {
    for (const [id, check] of endpoints)
      set(id, reportedStatus(check, watched.get(id)?.status() ?? 'healthy'));
    for (const [id, check] of alarms) set(id, reportedStatus(check, cloudWatch.statusOf(id) ?? 'healthy'));
    for (const [id, check] of calculated) {
      const children = check.child_healthchecks.map(statusOf);
      set(id, reportedStatus(check, calculatedStatus(children, check.child_health_threshold)));
    }
  }

  /** A record without a health check counts as healthy ("How health checks work in simple configurations"). */
  const healthOfRecord = ({ healthCheck }: RecordSet): Status =>
    healthCheck === undefined ? 'healthy' : statusOf(healthCheck);

  const answerTo = (asked: Asked, turn: number) =>
    answer(zone, asked, (record) => healthOfRecord(record) === 'healthy', turn);

  const addressOf = ({ ip_address, fqdn = '' }: EndpointCheck, turn: number): string | undefined =>
    ip_address ?? answerTo({ name: fqdn, type: 'A' }, turn).records.find(({ type }) => type === 'A')?.data;

  refresh();
  for (const [id, check] of endpoints) {
    if (!addressOf(check, 0))
      throw unexpected(`health check ${id} of ${check.fqdn}`, 'a name with an address here');
  }
  let queries = 0;
  const server = await startDnsServer(
    options.bind.address,
    (asked) => answerTo(asked, queries++),
    options.bind.port,
  );
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  for (const [id, check] of endpoints) {
    if (check.disabled) continue;
    const watch = watchEndpoint(check, {
      intervalMs: options.intervalMs ?? check.request_interval * 1000,
      probe: (round) => probeEndpoint(check, addressOf(check, round), options.endpointPort, stopping.signal),
      changed: refresh,
      signal: stopping.signal,
    });
    watched.set(id, watch);
  }

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    stopping.abort();
    cloudWatch.close();
    await Promise.all([server.close(), ...[...watched.values()].map(({ stopped }) => stopped)]);
  }

  return {
    address: options.bind.address,
    port: server.port,
    healthOf(region) {
      const record = [...zone.records.values()].flat().find((one) => one?.setIdentifier === region);
      if (!record) throw unexpected(`no record with set_identifier ${region}`, 'a failover record a region');
      return healthOfRecord(record);
    },
    statusOf,
    onChange: (listener) => void listeners.push(listener),
    putMetricData: (region, datum) => cloudWatch.putMetricData(region, datum),
    setRegionDown: (region, down) => cloudWatch.setRegionDown(region, down),
    close: () => (closed ??= close()),
  };
}
