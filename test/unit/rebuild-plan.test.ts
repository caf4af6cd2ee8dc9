import type { ResourceChange } from '../../cli/changes';
import { againstRebuild } from '../../cli/rebuild-plan';

const change = (action: ResourceChange['action'], address: string, ...paths: readonly string[]) => ({
  action,
  address,
  attributes: paths.map((path) => ({ path, forcesReplacement: false })),
});

/** What a rebuild from generation 1 to generation 2 plans. */
const rebuild: readonly ResourceChange[] = [
  change('delete', 'aws_db_instance.postgres_g1'),
  change('delete', 'aws_db_instance.postgres_read_1_g1'),
  change('delete', 'aws_cloudwatch_log_group.postgres_g1_log_postgresql'),
  change('create', 'aws_db_instance.postgres_g2', 'replicate_source_db'),
  change('create', 'aws_db_instance.postgres_read_1_g2', 'replicate_source_db'),
  change('create', 'aws_cloudwatch_log_group.postgres_g2_log_postgresql'),
  change('update', 'aws_route53_record.writer_1', 'records.0'),
  change('update', 'aws_cloudwatch_metric_alarm.alarm_postgres_cpu', 'dimensions.DBInstanceIdentifier'),
];

describe('the plan of a rebuild', () => {
  it('may destroy the fenced generation and make the next', () => {
    expect(againstRebuild(rebuild, 2)).toEqual([]);
  });

  it.each([
    ['delete', 'aws_db_instance.postgres_g2'],
    ['delete', 'aws_db_instance.postgres_g11'],
    ['delete', 'aws_dynamodb_table.operations'],
    ['delete', 'aws_elasticache_replication_group.cache'],
    ['delete', 'aws_kms_key.data'],
    ['replace', 'aws_db_instance.postgres_g1'],
    ['replace', 'aws_elasticache_replication_group.cache'],
    ['create', 'aws_db_instance.postgres_g3'],
    ['create', 'aws_elasticache_global_replication_group.cache_pair'],
    ['create', 'aws_secretsmanager_secret.database_secret'],
  ] as const)('may not %s %s', (action, address) => {
    expect(againstRebuild([...rebuild, change(action, address)], 2)).toEqual([
      expect.stringContaining(address),
    ]);
  });

  it('may not make a standing instance a copy in place', () => {
    const inPlace = change('update', 'aws_db_instance.postgres_g2', 'replicate_source_db');
    expect(againstRebuild([inPlace], 2)).toEqual([expect.stringContaining('in place')]);
  });
});
