/** GiB of a size `large`, by the first letter of the family; others count as the least. */
const gibOfLarge: Readonly<Record<string, number>> = { m: 8, r: 16, t: 8, x: 32, z: 16 };
const leastGib = 4;

/** Sizes below `large`, as parts of it. */
const parts: Readonly<Record<string, number>> = { micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1 };

/**
 * The memory of an instance class, in GiB: `db.r6i.2xlarge` has 64. Source: "Hardware specifications for DB instance classes",
 * Amazon RDS User Guide.
 */
export function memoryGib(instanceClass: string): number {
  const [, family = '', size = ''] = instanceClass.split('.');
  const [, xlarges] = /^(\d*)xlarge$/.exec(size) ?? [];
  const larges = xlarges === undefined ? (parts[size] ?? 1) : 2 * Number(xlarges || 1);
  return (gibOfLarge[family.charAt(0)] ?? leastGib) * larges;
}

/**
 * RDS's default of `max_connections`: LEAST(DBInstanceClassMemory/9531392, 5000). Source: "Maximum number of database
 * connections" in "Quotas and constraints for Amazon RDS", Amazon RDS User Guide.
 */
export const maxConnections = (instanceClass: string): number =>
  Math.min(Math.floor((memoryGib(instanceClass) * 2 ** 30) / 9_531_392), 5000);
