import {
  type Alarm,
  type CalculatedCheck,
  type EndpointCheck,
  type MetricCheck,
  readStack,
  type Stack,
  unexpected,
} from './synthesized';

/** An alias answers with its target's TTL; Elastic Load Balancing's is 60 s ("Choosing between alias and non-alias records"). */
const loadBalancerTtlSeconds = 60;

/** One record with what it answers: `values` of an alias are its target's addresses. */
export interface RecordSet {
  readonly name: string;
  readonly type: 'A' | 'CNAME';
  readonly ttl: number;
  readonly values: readonly string[];
  readonly setIdentifier: string | undefined;
  readonly failover: 'PRIMARY' | 'SECONDARY' | undefined;
  /** The logical id of its health check. */
  readonly healthCheck: string | undefined;
}

/** The records of one name: a simple one, or a failover pair. */
type RecordGroup = readonly [primary: RecordSet, secondary?: RecordSet];

/** A CLOUDWATCH_METRIC check with the alarm whose data stream it follows. */
export interface AlarmCheck extends MetricCheck {
  readonly alarm: Alarm;
}

/** What Route 53 knows of one hosted zone. Names are in lower case, without the last dot. */
export interface Zone {
  readonly name: string;
  readonly records: ReadonlyMap<string, RecordGroup>;
  readonly healthChecks: HealthChecks;
}

/** The health checks of a stack by what they follow, then by logical id. */
interface HealthChecks {
  readonly endpoints: ReadonlyMap<string, EndpointCheck>;
  readonly alarms: ReadonlyMap<string, AlarmCheck>;
  readonly calculated: ReadonlyMap<string, CalculatedCheck>;
}

export interface ZoneOptions {
  /** The traffic stack's cdk.tf.json, parsed. */
  readonly synthesized: unknown;
  /** The addresses behind a load balancer's DNS name, as an ALB answers one a zone. */
  readonly loadBalancers: Readonly<Record<string, readonly string[]>>;
  /** Stands in for the TTL of every record when set. */
  readonly ttlSeconds?: number;
}

/**
 * Builds the zone that a synthesized traffic stack declares.
 * @throws TandemError SynthesisUnexpected when the stack contradicts itself or asks for what the twin does not have
 */
export function readZone(options: ZoneOptions): Zone {
  const stack = readStack(options.synthesized);
  const zones = Object.values(stack.resource.aws_route53_zone);
  const [zone] = zones;
  if (!zone || zones.length > 1) throw unexpected(`${zones.length} hosted zones`, 'one');
  const name = literal(zone.name);
  return { name, records: readRecords(stack, name, options), healthChecks: readHealthChecks(stack, name) };
}

function literal(name: string): string {
  if (name.includes('${')) throw unexpected(`the name ${name}`, 'a literal, or the fqdn of a record here');
  return name.toLowerCase().replace(/\.$/, '');
}

/** A record's own name, completed with the zone's as the AWS provider does. */
function ownerName(written: string, zone: string): string {
  const name = literal(written);
  return name === zone || name.endsWith(`.${zone}`) ? name : `${name}.${zone}`;
}

/** A name that points at something: written out, or as another record's attribute. */
function targetName(written: string, stack: Stack, zone: string): string {
  const id = /^\$\{aws_route53_record\.([\w-]+)\.(?:fqdn|name)\}$/.exec(written)?.[1];
  const record = id === undefined ? undefined : stack.resource.aws_route53_record[id];
  return record ? ownerName(record.name, zone) : literal(written);
}

function readRecords(stack: Stack, zone: string, options: ZoneOptions): Map<string, RecordGroup> {
  const groups = new Map<string, RecordGroup>();
  for (const record of Object.values(stack.resource.aws_route53_record)) {
    const name = ownerName(record.name, zone);
    const written = {
      name,
      type: record.type,
      ...answerOf(record, stack, zone, options),
      setIdentifier: record.set_identifier,
      failover: record.failover_routing_policy?.type,
      healthCheck: record.health_check_id,
    };
    if (
      written.healthCheck !== undefined &&
      !(written.healthCheck in stack.resource.aws_route53_health_check)
    ) {
      throw unexpected(`health check ${written.healthCheck} of ${name}`, 'a health check of this stack');
    }
    groups.set(name, group(written, groups.get(name)));
  }
  const all = [...groups];
  if (!all.some(([, [primary]]) => primary.failover))
    throw unexpected('no failover record', 'a pair of them');
  for (const [name, [primary]] of all) {
    if (primary.failover === 'SECONDARY') throw unexpected(`only a SECONDARY of ${name}`, 'its PRIMARY too');
  }
  return groups;
}

function answerOf(
  record: Stack['resource']['aws_route53_record'][string],
  stack: Stack,
  zone: string,
  { loadBalancers, ttlSeconds }: ZoneOptions,
): Pick<RecordSet, 'ttl' | 'values'> {
  const { alias, ttl, records } = record;
  if (alias) {
    const values = loadBalancers[alias.name];
    if (record.type !== 'A' || !values) {
      throw unexpected(
        `${record.type} alias ${record.name} to ${alias.name}`,
        `an A alias to one of ${Object.keys(loadBalancers).join(', ')}`,
      );
    }
    return { ttl: ttlSeconds ?? loadBalancerTtlSeconds, values };
  }
  if (ttl === undefined || !records)
    throw unexpected(`${record.name} without ttl or records`, 'both, or an alias');
  const values = record.type === 'A' ? records : records.map((value) => targetName(value, stack, zone));
  return { ttl: ttlSeconds ?? ttl, values };
}

/** Puts a record with the other of its name: only a failover pair has two. */
function group(record: RecordSet, others: RecordGroup | undefined): RecordGroup {
  if (!others) return [record];
  const [other, third] = others;
  const roles = [other.failover, record.failover];
  if (third || other.type !== record.type || !roles.includes('PRIMARY') || !roles.includes('SECONDARY')) {
    throw unexpected(`several records of ${record.name}`, 'a PRIMARY and a SECONDARY of one type');
  }
  return record.failover === 'PRIMARY' ? [record, other] : [other, record];
}

/** The health checks of a stack; `zone` completes the names they ask. */
export function readHealthChecks(stack: Stack, zone: string): HealthChecks {
  const endpoints = new Map<string, EndpointCheck>();
  const alarms = new Map<string, AlarmCheck>();
  const calculated = new Map<string, CalculatedCheck>();
  for (const [id, check] of Object.entries(stack.resource.aws_route53_health_check)) {
    if (check.type === 'CALCULATED') calculated.set(id, check);
    else if (check.type === 'CLOUDWATCH_METRIC') alarms.set(id, { ...check, alarm: alarmOf(check, stack) });
    else endpoints.set(id, { ...check, fqdn: check.fqdn && targetName(check.fqdn, stack, zone) });
  }
  for (const [id, { child_healthchecks: children }] of calculated) {
    // Route 53 lets no calculated check monitor another one ("Monitoring other health checks").
    const wrong = children.find((child) => !endpoints.has(child) && !alarms.has(child));
    if (wrong !== undefined)
      throw unexpected(`child ${wrong} of ${id}`, 'a check of this stack, not calculated');
  }
  return { endpoints, alarms, calculated };
}

/** The alarm as Route 53 looks it up: by name, in the check's cloudwatch_alarm_region. */
function alarmOf(check: MetricCheck, stack: Stack): Alarm {
  const { cloudwatch_alarm_name: name, cloudwatch_alarm_region: region } = check;
  const alarms = Object.entries(stack.resource.aws_cloudwatch_metric_alarm).filter(
    ([id, alarm]) =>
      [alarm.alarm_name, `\${aws_cloudwatch_metric_alarm.${id}.alarm_name}`].includes(name) &&
      stack.provider.aws.some(
        (provider) =>
          provider.region === region &&
          (provider.alias ? `aws.${provider.alias}` : undefined) === alarm.provider,
      ),
  );
  const [found] = alarms;
  if (!found || alarms.length > 1) throw unexpected(`${alarms.length} alarms ${name} in ${region}`, 'one');
  return found[1];
}
