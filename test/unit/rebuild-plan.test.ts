import { refusalsIn } from '../../cli/terraform/guard';
import { againstRebuild, instancesOf } from '../../cli/terraform/rebuild-plan';

type Actions = readonly ('create' | 'delete' | 'no-op' | 'update')[];

/** As `terraform show -json` writes changes; by hand, nothing in it was measured (test/emulator/life.test.ts plans for real). */
const planOf = (changes: Readonly<Record<string, Actions>>) => ({
  resource_changes: Object.entries(changes).map(([address, actions]) => ({
    address,
    type: address.split('.')[0],
    change: {
      actions,
      before: {},
      after: {},
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
    },
  })),
});

/** What a rebuild from generation 1 to generation 2 plans. */
const rebuild: Readonly<Record<string, Actions>> = {
  'aws_db_instance.postgres_g1': ['delete'],
  'aws_db_instance.postgres_read_1_g1': ['delete'],
  'aws_cloudwatch_log_group.postgres_g1_log_postgresql': ['delete'],
  'aws_db_instance.postgres_g2': ['create'],
  'aws_db_instance.postgres_read_1_g2': ['create'],
  'aws_cloudwatch_log_group.postgres_g2_log_postgresql': ['create'],
  'aws_elasticache_replication_group.cache': ['no-op'],
  'aws_route53_record.writer_1': ['update'],
};
const without = (address: string) =>
  Object.fromEntries(Object.entries(rebuild).filter(([each]) => each !== address));
const [fenced, next] = [instancesOf(1, 1), instancesOf(1, 2)];

/** Both, as the command asks them. */
const against = (changes: Readonly<Record<string, Actions>>) => [
  ...refusalsIn(planOf(changes), fenced).map(({ address, reason }) => `${address} ${reason}`),
  ...againstRebuild(planOf(changes), next),
];

describe('the plan of a rebuild', () => {
  it('may destroy the fenced generation and make the next', () => {
    expect(against(rebuild)).toEqual([]);
  });

  it('may find a part of it done by a run that was interrupted', () => {
    expect(
      against({ ...without('aws_db_instance.postgres_g1'), 'aws_db_instance.postgres_g2': ['no-op'] }),
    ).toEqual([]);
  });

  it.each([
    ['aws_db_instance.postgres_g2', ['delete']],
    ['aws_db_instance.postgres_g11', ['delete']],
    ['aws_db_instance.postgres_read_2_g1', ['delete']],
    ['aws_dynamodb_table.operations', ['delete']],
    ['aws_kms_key.data', ['delete']],
    ['aws_db_instance.postgres_g1', ['delete', 'create']],
    ['aws_elasticache_replication_group.cache', ['delete', 'create']],
    ['aws_db_instance.postgres_g3', ['create']],
    ['aws_elasticache_global_replication_group.cache_pair', ['create']],
    ['aws_secretsmanager_secret.database_secret', ['create']],
  ] as const)('may not do to %s: %s', (address, actions) => {
    expect(against({ ...rebuild, [address]: actions })).toContainEqual(
      expect.stringMatching(new RegExp(`^${address} would be`)),
    );
  });

  it('makes every instance of the next generation', () => {
    const reader = 'aws_db_instance.postgres_read_1_g2';
    expect(against(without(reader))).toEqual([`${reader} would not be made`]);
  });
});
