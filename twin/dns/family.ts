import { z } from 'zod';

const byId = <T extends z.ZodType>(each: T) => z.record(z.string(), each);

/** As little of a stack as decides what belongs to a failover. */
const loose = z.looseObject({
  resource: z.looseObject({
    aws_route53_zone: byId(z.looseObject({ name: z.string() })),
    aws_route53_record: byId(
      z.looseObject({
        name: z.string(),
        records: z.array(z.string()).optional(),
        failover_routing_policy: z.unknown().optional(),
      }),
    ),
    aws_route53_health_check: byId(
      z.looseObject({ fqdn: z.string().optional(), cloudwatch_alarm_name: z.string().optional() }),
    ),
    aws_cloudwatch_metric_alarm: byId(z.looseObject({ alarm_name: z.string() })).default({}),
  }),
});

/**
 * The stack without the records and alarms that no failover asks: what stays is every record of a name that has a failover
 * policy, that such a name points at, or that a health check asks, and every alarm that a health check follows. The twin
 * reads those strictly, and has no CloudFront, no latency and no certificates to evaluate the others with.
 */
export function failoverFamily(synthesized: unknown): unknown {
  const stack = loose.safeParse(synthesized).data;
  // Not the form of a traffic stack: for the strict reading to say why.
  if (!stack) return synthesized;
  const { resource } = stack;
  const records = Object.entries(resource.aws_route53_record);
  const checks = Object.values(resource.aws_route53_health_check);
  const zone = Object.values(resource.aws_route53_zone)[0]?.name.toLowerCase();

  /** One writing of a name: what a reference refers to, in lower case, relative to the zone. */
  const relative = (written: string): string => {
    const id = /^\$\{aws_route53_record\.([\w-]+)\.(?:fqdn|name)\}$/.exec(written)?.[1];
    const name = (id === undefined ? undefined : resource.aws_route53_record[id]?.name) ?? written;
    const plain = name.toLowerCase().replace(/\.$/, '');
    return zone && plain.endsWith(`.${zone}`) ? plain.slice(0, -zone.length - 1) : plain;
  };

  const family = new Set(
    [
      ...records.flatMap(([, { name, failover_routing_policy: policy }]) => (policy ? [name] : [])),
      ...checks.flatMap(({ fqdn }) => fqdn ?? []),
    ].map(relative),
  );
  // A set hands out what is added to it on the way: targets of targets too.
  for (const member of family) {
    const own = records.filter(([, { name }]) => relative(name) === member);
    for (const target of own.flatMap(([, { records: targets }]) => targets ?? []))
      family.add(relative(target));
  }

  const followed = new Set(checks.map(({ cloudwatch_alarm_name: name }) => name));
  const alarms = Object.entries(resource.aws_cloudwatch_metric_alarm);
  return {
    ...stack,
    resource: {
      ...resource,
      aws_route53_record: Object.fromEntries(records.filter(([, { name }]) => family.has(relative(name)))),
      aws_cloudwatch_metric_alarm: Object.fromEntries(
        alarms.filter(
          ([id, { alarm_name: name }]) =>
            followed.has(name) || followed.has(`\${aws_cloudwatch_metric_alarm.${id}.alarm_name}`),
        ),
      ),
    },
  };
}
