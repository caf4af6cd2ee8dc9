import { isStateful } from '../../modules/stateful';
import { resourcesIn } from './changes';

/** The addresses of a generation's instances: the region's own and its read replicas (modules/postgres/instance.ts). */
export const instancesOf = (readReplicas: number, generation: number): ReadonlySet<string> =>
  new Set(
    ['postgres', ...Array.from({ length: readReplicas }, (_, at) => `postgres_read_${at + 1}`)].map(
      (instance) => `aws_db_instance.${instance}_g${generation}`,
    ),
  );

/**
 * What of a data stack's plan makes other than the next generation, which the guard against losses lets through: a store that would
 * be made although it is none of it, and one of it that the plan does not know.
 * @param plan by `terraform show -json`, which lists what stays as it is too
 * @param next the addresses of the next generation's instances
 */
export function againstRebuild(plan: unknown, next: ReadonlySet<string>): readonly string[] {
  const resources = resourcesIn(plan);
  const made = resources.filter(
    ({ type, address, change }) =>
      change.actions.includes('create') && isStateful(type, {}) && !next.has(address),
  );
  const missing = [...next].filter((address) => !resources.some((each) => each.address === address));
  return [
    ...made.map(({ address }) => `${address} would be made`),
    ...missing.map((address) => `${address} would not be made`),
  ];
}
