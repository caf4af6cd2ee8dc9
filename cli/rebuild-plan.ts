import type { ResourceChange } from './changes';

/** What a plan may remove in a rebuild, by generation: instances and their log groups. */
const replaceable = /^aws_(db_instance|cloudwatch_log_group)\.postgres_\w*?g(\d+)(_log_\w+)?$/;

/**
 * What of a data stack's plan is no rebuild to the generation: anything removed or replaced but the one before it, an instance made
 * that is not of it, and a standing store that would become a copy in place, which AWS can't do.
 */
export function againstRebuild(changes: readonly ResourceChange[], generation: number): readonly string[] {
  return changes.flatMap(({ address, action, attributes }) => {
    const [, type, found] = replaceable.exec(address) ?? [];
    const of = Number(found);
    if (action === 'replace') return `${address} would be replaced`;
    if (action === 'delete') return of === generation - 1 ? [] : `${address} would be destroyed`;
    if (action === 'create') {
      return type === 'db_instance'
        ? of === generation
          ? []
          : `${address} would be made`
        : againstStore(address);
    }
    return attributes.some(({ path }) => path === 'replicate_source_db')
      ? `${address} would become a copy in place, which RDS can't do`
      : [];
  });
}

/** A store beside the database that the plan makes again was lost, or renamed: nothing that a rebuild is for. */
const againstStore = (address: string): readonly string[] =>
  /^aws_(elasticache_(global_)?replication_group|dynamodb_table|secretsmanager_secret|kms_key)\./.test(
    address,
  )
    ? [`${address} would be made`]
    : [];
