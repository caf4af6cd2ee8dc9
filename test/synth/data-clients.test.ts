import { z } from 'zod';
import type { AwsEnvironment } from '../../environments';
import { awsLayers } from '../../stacks/catalog';
import type { AwsDeployment } from '../../stacks/deployment';
import { dataOf, dev, east, production, resourcesOf, west } from './data-stacks';
import { bytesOf, configurationOf, stackOf } from './graph';

describe('credentials', () => {
  const stackFile = z.object({
    ephemeral: z.object({ aws_secretsmanager_random_password: z.record(z.string(), z.unknown()) }),
  });
  const password = 'ephemeral.aws_secretsmanager_random_password.initial.random_password';
  const written = (resources: ReturnType<typeof resourcesOf>) =>
    resources.aws_secretsmanager_secret_version?.database_secret_value;

  it('are one password of AWS’s making, for the secret and for the instance, and only in write-only arguments', () => {
    const stack = dataOf(production, east, 'active');
    const resources = configurationOf(stack).resource;
    expect(
      Object.keys(stackFile.parse(JSON.parse(bytesOf(stack))).ephemeral.aws_secretsmanager_random_password),
    ).toEqual(['initial']);
    expect(resources.aws_db_instance?.postgres_g1?.password_wo).toBe(`\${${password}}`);
    // An expression, and not the text of one: `$${` would write its name into the secret.
    expect(written(resources)?.secret_string_wo).toContain(`"password" = ${password},`);
    expect(bytesOf(stack).split(password)).toHaveLength(3);
  });

  it('are asked for only once something is there, so that a first plan asks AWS for nothing', () => {
    expect(JSON.parse(bytesOf(dataOf(production, east, 'active')))).toMatchObject({
      ephemeral: {
        aws_secretsmanager_random_password: {
          initial: { exclude_characters: '${substr(aws_sns_topic.alarms.arn, 3, 1)}' },
        },
      },
    });
  });

  it.each(['active', 'standby', 'fenced'] as const)(
    'are kept by the first region, whichever role it has (%s), with a copy under the peer’s own key',
    (role) => {
      const resources = resourcesOf(production, east, role);
      expect(resources.aws_secretsmanager_secret?.database_secret).toMatchObject({
        name: 'tandem-production-global-database',
        replica: [{ region: west, kms_key_id: `alias/tandem-production-${west}-secrets` }],
      });
      expect(written(resources)?.depends_on).toEqual(['aws_db_instance.postgres_g1']);
      expect(resourcesOf(production, west, role)).not.toHaveProperty('aws_secretsmanager_secret');
    },
  );

  it('need the peer’s secrets key, which is there before any data', () => {
    const keys = configurationOf(stackOf(production, 'keys', west)).resource;
    expect(keys.aws_kms_alias?.secrets_alias?.name).toBe(`alias/tandem-production-${west}-secrets`);
    const order = awsLayers.map(({ name }) => name);
    expect(order.indexOf('keys')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('keys')).toBeLessThan(order.indexOf('data'));
  });

  it('of the cache are IAM’s: no token, no password', () => {
    const resources = resourcesOf(production, east, 'active');
    expect(resources.aws_elasticache_user?.cache_user).toMatchObject({
      authentication_mode: { type: 'iam' },
      user_id: `tandem-production-${east}-workload`,
      user_name: `tandem-production-${east}-workload`,
    });
    expect(bytesOf(dataOf(production, east, 'active'))).not.toMatch(/"(auth_token|passwords?)":/);
  });
});

describe('the cache', () => {
  it('has its pair declared by the first region alone, for good', () => {
    for (const role of ['active', 'standby', 'fenced'] as const) {
      expect(
        resourcesOf(production, east, role).aws_elasticache_global_replication_group?.cache_pair,
      ).toMatchObject({
        lifecycle: { ignore_changes: ['primary_replication_group_id'], prevent_destroy: true },
      });
      expect(resourcesOf(production, west, role)).not.toHaveProperty(
        'aws_elasticache_global_replication_group',
      );
    }
  });

  it('copies by the id that is recorded of the environment', () => {
    const known = { ...production, recorded: { globalDatastoreId: 'ldgnf-cache' } };
    expect(resourcesOf(known, west, 'standby').aws_elasticache_replication_group?.cache).toMatchObject({
      global_replication_group_id: 'ldgnf-cache',
    });
  });

  it('asks for the id when it is live and nobody recorded it, in the copy’s stack only', () => {
    const live: AwsDeployment = { ...production, mode: 'live' };
    expect(JSON.parse(bytesOf(dataOf(live, west, 'standby')))).toHaveProperty('variable.global_datastore_id');
    expect(JSON.parse(bytesOf(dataOf(live, east, 'active')))).not.toHaveProperty('variable');
  });

  it('is two of their own where a shard has one node: nothing could fail over', () => {
    for (const [region, role] of [
      [dev.environment.regions[0], 'active'],
      [dev.environment.regions[1], 'standby'],
    ] as const) {
      const resources = resourcesOf(dev, region, role);
      expect(resources).not.toHaveProperty('aws_elasticache_global_replication_group');
      expect(resources.aws_elasticache_replication_group?.cache).toMatchObject({
        engine: 'valkey',
        multi_az_enabled: false,
        replicas_per_node_group: 0,
      });
    }
  });
});

describe('names', () => {
  const records = (environment: AwsEnvironment, resources: ReturnType<typeof resourcesOf>) =>
    Object.values(resources.aws_route53_record ?? {}).map(({ name, records: targets }) => ({
      name: String(name).replace(`.${environment.name}.tandem.internal`, ''),
      targets,
    }));

  it('share reads among the replicas', () => {
    expect(records(production.environment, resourcesOf(production, west, 'standby'))).toEqual([
      {
        name: `cache.${west}`,
        targets: ['${aws_elasticache_replication_group.cache.configuration_endpoint_address}'],
      },
      { name: `readers.${west}`, targets: ['${aws_db_instance.postgres_read_1_g1.address}'] },
      { name: `readers.${west}`, targets: ['${aws_db_instance.postgres_read_2_g1.address}'] },
      { name: `writer.${west}`, targets: ['${aws_db_instance.postgres_g1.address}'] },
    ]);
  });

  it('send reads to the writer where there is no replica', () => {
    const region = dev.environment.regions[0];
    const [, readers] = records(dev.environment, resourcesOf(dev, region, 'active'));
    expect(readers).toEqual({
      name: `readers.${region}`,
      targets: ['${aws_db_instance.postgres_g1.address}'],
    });
  });
});
