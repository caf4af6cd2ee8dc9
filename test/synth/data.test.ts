import { z } from 'zod';
import type { Role } from '../../environments/roles';
import type { AwsDeployment } from '../../stacks/deployment';
import { dataOf, east, production, resourcesOf, west } from './data-stacks';
import { awsDeployments, bytesOf } from './graph';

type Resource = Readonly<Record<string, unknown>>;

/** What a stack declares, and which attributes of it another does not declare alike. */
function differences(one: ReturnType<typeof resourcesOf>, other: ReturnType<typeof resourcesOf>) {
  const addresses = (resources: typeof one) =>
    Object.entries(resources).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, attributes]): [string, Resource] => [`${type}.${id}`, attributes]),
    );
  const others = new Map(addresses(other));
  return Object.fromEntries(
    addresses(one)
      .map(([address, attributes]): [string, string[]] => {
        const peer = others.get(address);
        const own = Object.keys(attributes).filter(
          (key) => JSON.stringify(attributes[key]) !== JSON.stringify(peer?.[key]),
        );
        return [address, own];
      })
      .filter(([, keys]) => keys.length > 0),
  );
}

describe('roles', () => {
  it.each([east, west])('let the stores of %s differ by what they copy, and nothing else', (region) => {
    const active = resourcesOf(production, region, 'active');
    const standby = resourcesOf(production, region, 'standby');
    // Each of these is Optional and Computed for the provider, or ignored: that is what makes a promotion plan no changes.
    expect(differences(active, standby)).toEqual({
      'aws_db_instance.postgres_g1': ['db_name', 'password_wo', 'password_wo_version', 'username'],
      'aws_elasticache_replication_group.cache': [
        'at_rest_encryption_enabled',
        'engine',
        'engine_version',
        'node_type',
        'num_node_groups',
        'parameter_group_name',
        'transit_encryption_enabled',
      ],
    });
    expect(differences(standby, active)).toEqual({
      'aws_db_instance.postgres_g1': ['replicate_source_db'],
      'aws_elasticache_replication_group.cache': ['global_replication_group_id'],
    });
    expect(active.aws_db_instance?.postgres_g1?.lifecycle).toMatchObject({
      ignore_changes: ['password_wo_version'],
    });
    expect(active.aws_elasticache_replication_group?.cache?.lifecycle).toMatchObject({
      ignore_changes: ['engine', 'parameter_group_name'],
    });
  });

  it.each([east, west])('leave what is fenced in %s as the primary that it was', (region) => {
    expect(bytesOf(dataOf(production, region, 'fenced'))).toBe(bytesOf(dataOf(production, region, 'active')));
  });

  it('name the source by the peer’s generation, computed and not looked up', () => {
    const { aws_db_instance: instances } = resourcesOf(production, east, 'rebuilding', 2, 3);
    expect(instances?.postgres_g2).toMatchObject({
      identifier: `tandem-production-${east}-postgres-g2`,
      replicate_source_db: `arn:aws:rds:${west}:111122223333:db:tandem-production-${west}-postgres-g3`,
    });
  });

  it('give a rebuilt region’s instances other Terraform names, so that none is renamed or changed into a copy', () => {
    const instances = (generation: number) =>
      Object.keys(resourcesOf(production, east, 'rebuilding', generation).aws_db_instance ?? {});
    expect(instances(1)).toHaveLength(3);
    expect(instances(2).filter((id) => instances(1).includes(id))).toEqual([]);
  });

  it('leave the cache alone in a rebuild, except that it is declared as the copy that it has become', () => {
    const before = resourcesOf(production, east, 'standby', 1).aws_elasticache_replication_group;
    expect(resourcesOf(production, east, 'rebuilding', 2).aws_elasticache_replication_group).toEqual(before);
  });
});

describe('the database', () => {
  it.each(['active', 'standby'] as const)(
    'has its read replicas under the region’s own instance when %s',
    (role) => {
      const instances = resourcesOf(production, west, role).aws_db_instance ?? {};
      const readers = Object.entries(instances).filter(([id]) => id.startsWith('postgres_read_'));
      expect(readers).toHaveLength(2);
      for (const [, reader] of readers) {
        expect(reader).toMatchObject({
          replicate_source_db: '${aws_db_instance.postgres_g1.identifier}',
          storage_encrypted: true,
        });
        // RDS refuses a key for a replica in the region of its source.
        expect(reader).not.toHaveProperty('kms_key_id');
      }
    },
  );

  it.each(['active', 'standby'] as const)('keeps 30 days of backups in a region that is %s', (role) => {
    expect(resourcesOf(production, west, role).aws_db_instance?.postgres_g1).toMatchObject({
      backup_retention_period: 30,
    });
  });

  it('limits the WAL that it keeps for a lost peer to a fifth of its storage, and forces TLS', () => {
    const { parameter } = z
      .object({ parameter: z.array(z.object({ name: z.string(), value: z.string() })) })
      .parse(resourcesOf(production, east, 'active').aws_db_parameter_group?.postgres_parameters);
    expect(parameter).toContainEqual(expect.objectContaining({ name: 'rds.force_ssl', value: '1' }));
    expect(parameter).toContainEqual(
      expect.objectContaining({ name: 'max_slot_wal_keep_size', value: String((500 * 1024) / 5) }),
    );
  });

  it('is not busy in both regions at once, and not with a backup and maintenance at once', () => {
    const windows = [east, west].map((region) => {
      const { backup_window: backup, maintenance_window: maintenance } = z
        .object({ backup_window: z.string(), maintenance_window: z.string() })
        .parse(resourcesOf(production, region, 'standby').aws_db_instance?.postgres_g1);
      expect(maintenance).not.toContain(backup);
      return { backup, maintenance };
    });
    expect(new Set(windows.map(({ backup }) => backup)).size).toBe(2);
    expect(new Set(windows.map(({ maintenance }) => maintenance.slice(0, 3))).size).toBe(2);
  });
});

describe('servers', () => {
  it('take connections from clients’ security groups, of the database from the peer’s autopilot too, and open none', () => {
    const resources = resourcesOf(production, east, 'active');
    const rules = Object.entries({
      ...resources.aws_vpc_security_group_ingress_rule,
      ...resources.aws_vpc_security_group_egress_rule,
    }).map(([id, rule]) => [
      id,
      rule.security_group_id,
      rule.referenced_security_group_id ?? rule.cidr_ipv4,
      rule.from_port,
    ]);
    const group = (name: string) => `\${aws_security_group.${name}.id}`;
    expect(rules).toEqual([
      ['cache_from_clients', group('cache_servers'), group('cache_clients'), 6379],
      ['postgres_from_clients', group('postgres_servers'), group('postgres_clients'), 5432],
      // The private half of the peer's VPC.
      ['postgres_from_peer', group('postgres_servers'), '10.5.0.0/17', 5432],
      ['cache_to_servers', group('cache_clients'), group('cache_servers'), 6379],
      ['postgres_to_servers', group('postgres_clients'), group('postgres_servers'), 5432],
    ]);
  });
});

describe('alarms', () => {
  const alarmsOf = (deployment: AwsDeployment, region: string, role: Role) =>
    z
      .record(z.string(), z.looseObject({ metric_name: z.string(), threshold: z.number() }))
      .parse(resourcesOf(deployment, region, role).aws_cloudwatch_metric_alarm);

  it.each(awsDeployments.map((deployment) => ({ name: deployment.environment.name, deployment })))(
    'of $name watch every instance and every node',
    ({ deployment }) => {
      const { postgres, cache, regions, objectives } = deployment.environment;
      const alarms = Object.values(alarmsOf(deployment, regions[0], 'active'));
      expect(alarms).toHaveLength(6 * (1 + postgres.readReplicas) + 5 * cache.shards * cache.nodesPerShard);
      const lag = alarms.filter(({ metric_name }) => metric_name === 'ReplicaLag');
      expect(lag.map(({ threshold }) => threshold)).toEqual(lag.map(() => objectives.rpoSeconds));
      expect(lag).toHaveLength(1 + postgres.readReplicas);
    },
  );

  it('do not depend on the role, and do not ring for a metric that the role has not', () => {
    expect(alarmsOf(production, west, 'active')).toEqual(alarmsOf(production, west, 'standby'));
    for (const each of Object.values(alarmsOf(production, west, 'active'))) {
      expect(each).toMatchObject({
        treat_missing_data: 'notBreaching',
        alarm_actions: ['${aws_sns_topic.alarms.arn}'],
      });
    }
  });
});
