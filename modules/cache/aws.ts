import { ElasticacheGlobalReplicationGroup } from '@cdktf/provider-aws/lib/elasticache-global-replication-group';
import { ElasticacheParameterGroup } from '@cdktf/provider-aws/lib/elasticache-parameter-group';
import { ElasticacheReplicationGroup } from '@cdktf/provider-aws/lib/elasticache-replication-group';
import { ElasticacheSubnetGroup } from '@cdktf/provider-aws/lib/elasticache-subnet-group';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { versions } from '../../lib/versions';
import { clientAccess } from '../client-access/aws';
import { named } from '../named';
import { cacheAlarms } from './alarms';
import type { CacheOutputs, CacheProps } from './contract';
import { logDelivery } from './logs';
import { users } from './users';

const component = 'cache';
const port = 6379;

/** A region's cluster: alone, the primary of a pair, or a copy of the peer's. */
export function cache(scope: Construct, props: CacheProps): CacheOutputs {
  const { environment, region, account, vpcId, nodesPerShard, pair } = props;
  const access = clientAccess(scope, { ...props, component, vpcId, port });
  const subnets = new ElasticacheSubnetGroup(scope, 'cache_subnets', {
    ...named('elasticacheSubnetGroup', props, component),
    subnetIds: [...props.subnetIds],
  });
  const parameters = new ElasticacheParameterGroup(scope, 'cache_parameters', {
    ...named('elasticacheParameterGroup', props, `valkey${versions.valkey}`),
    description: `Valkey ${versions.valkey} of ${environment}`,
    family: `valkey${versions.valkey}`,
    parameter: [
      { name: 'cluster-enabled', value: 'yes' },
      // What has no lifetime is no cache: it stays, and the memory alarm rings before writes fail.
      { name: 'maxmemory-policy', value: 'volatile-lru' },
    ],
    lifecycle: { createBeforeDestroy: true },
  });
  const { userGroupId, userArn } = users(scope, props);
  const { name, tags } = named('elasticacheReplicationGroup', props, component);

  const group = new ElasticacheReplicationGroup(scope, 'cache', {
    replicationGroupId: name,
    description: `Cache of ${environment} in ${region}`,
    // A copy takes all of this from its Global Datastore, and AWS refuses to be told.
    ...(pair?.copyOf === undefined
      ? {
          engine: 'valkey',
          engineVersion: `${versions.valkey}.0`,
          nodeType: props.nodeType,
          numNodeGroups: props.shards,
          parameterGroupName: parameters.name,
          atRestEncryptionEnabled: 'true',
          transitEncryptionEnabled: true,
        }
      : { globalReplicationGroupId: pair.copyOf }),
    clusterMode: 'enabled',
    replicasPerNodeGroup: nodesPerShard - 1,
    // Cluster mode requires it, even where there is no replica to fail over to.
    automaticFailoverEnabled: true,
    multiAzEnabled: nodesPerShard > 1,
    port,
    subnetGroupName: subnets.name,
    securityGroupIds: [access.serverSecurityGroupId],
    userGroupIds: [userGroupId],
    kmsKeyId: props.kmsKeyArn,
    autoMinorVersionUpgrade: 'true',
    maintenanceWindow: props.windows.maintenance,
    snapshotWindow: props.windows.backup,
    // In days. A cache can be filled again: this is for looking back, not for recovery.
    snapshotRetentionLimit: props.protected ? 7 : 1,
    ...(props.protected && { finalSnapshotIdentifier: `${name}-final` }),
    logDeliveryConfiguration: logDelivery(scope, props, name),
    tags,
    lifecycle: {
      preventDestroy: props.protected,
      // For a copy the provider supposes `redis`, finds `valkey`, and would replace the cluster to mend that. A pair's clusters
      // use a copy of the parameter group that ElastiCache makes for each, under a name of its own.
      ignoreChanges: ['engine', 'parameter_group_name'],
    },
  });

  const datastore =
    pair?.owned === true &&
    new ElasticacheGlobalReplicationGroup(scope, 'cache_pair', {
      globalReplicationGroupIdSuffix: physicalName('elasticacheReplicationGroup', { environment, component }),
      globalReplicationGroupDescription: `Cache of ${environment} in both regions`,
      primaryReplicationGroupId: group.id,
      lifecycle: {
        preventDestroy: props.protected,
        // A failover makes the other cluster primary; declaring it here would replace the pair.
        ignoreChanges: ['primary_replication_group_id'],
      },
    });
  cacheAlarms(scope, props, name);
  return {
    clientSecurityGroupId: access.clientSecurityGroupId,
    endpoint: group.configurationEndpointAddress,
    arn: `arn:aws:elasticache:${region}:${account}:replicationgroup:${name}`,
    userArn,
    ...(datastore && { globalDatastoreId: datastore.globalReplicationGroupId }),
  };
}
