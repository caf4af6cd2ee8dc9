import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateClusterCommand, CreateNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import {
  CreateGlobalReplicationGroupCommand,
  CreateReplicationGroupCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { CreateDBInstanceCommand, CreateDBInstanceReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import type { AwsEnvironment } from '../../environments';
import { journalTable } from '../../failover/operations/journal';
import { cacheName, databaseName } from '../../failover/operations/stores';
import { physicalName } from '../../lib/names';

/** What an SDK client is made with. */
interface Client {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * A fixture: what of an environment an operation asks and calls, made by API in a second instead of by `tandem up` in minutes. It is
 * less than an environment, and shows nothing of Terraform.
 */
export async function createStores(
  { name, account, regions, postgres, cache, cluster }: AwsEnvironment,
  of: (region: string) => Client,
): Promise<void> {
  const [east, west] = regions;
  const master = databaseName(name, east, 1);
  await new RDSClient(of(east)).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: master,
      DBInstanceClass: postgres.instanceClass,
      Engine: 'postgres',
      AllocatedStorage: postgres.storageGb,
      MasterUsername: 'tandem',
      MasterUserPassword: 'emulated-only',
      BackupRetentionPeriod: postgres.backupDays,
      PreferredBackupWindow: '06:00-07:00',
      PreferredMaintenanceWindow: 'sun:08:00-sun:09:00',
      DeletionProtection: true,
    }),
  );
  await new RDSClient(of(west)).send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: databaseName(name, west, 1),
      SourceDBInstanceIdentifier: `arn:aws:rds:${east}:${account}:db:${master}`,
      DBInstanceClass: postgres.instanceClass,
    }),
  );
  const group = (region: string) => ({
    ReplicationGroupId: cacheName(name, region),
    ReplicationGroupDescription: `Cache of ${name}`,
    ReplicasPerNodeGroup: cache.nodesPerShard - 1,
    AutomaticFailoverEnabled: true,
  });
  await new ElastiCacheClient(of(east)).send(
    new CreateReplicationGroupCommand({
      ...group(east),
      Engine: 'valkey',
      EngineVersion: '8.0',
      CacheNodeType: cache.nodeType,
      NumNodeGroups: cache.shards,
    }),
  );
  const { GlobalReplicationGroup: pair } = await new ElastiCacheClient(of(east)).send(
    new CreateGlobalReplicationGroupCommand({
      GlobalReplicationGroupIdSuffix: 'cache',
      PrimaryReplicationGroupId: cacheName(name, east),
    }),
  );
  await new ElastiCacheClient(of(west)).send(
    new CreateReplicationGroupCommand({
      ...group(west),
      GlobalReplicationGroupId: pair?.GlobalReplicationGroupId,
    }),
  );
  for (const region of regions) {
    await new DynamoDBClient(of(region)).send(
      new CreateTableCommand({
        TableName: journalTable(name, region),
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'Environment', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'Environment', AttributeType: 'S' }],
      }),
    );
    const clusterName = physicalName('eksCluster', { environment: name, region, component: 'cluster' });
    const eks = new EKSClient(of(region));
    const subnetIds = await subnetsOf(of(region));
    await eks.send(
      new CreateClusterCommand({
        name: clusterName,
        roleArn: `arn:aws:iam::${account}:role/cluster`,
        resourcesVpcConfig: { subnetIds },
      }),
    );
    await eks.send(
      new CreateNodegroupCommand({
        clusterName,
        nodegroupName: physicalName('eksNodeGroup', { environment: name, region, component: 'nodes' }),
        nodeRole: `arn:aws:iam::${account}:role/node`,
        subnets: subnetIds,
        scalingConfig: {
          minSize: cluster.minNodes,
          maxSize: cluster.maxNodes,
          desiredSize: cluster.minNodes,
        },
      }),
    );
  }
}

/** Two subnets of the VPC that every account has from the start, asked without a client of EC2, which nothing else needs. */
async function subnetsOf({ region, endpoint }: { readonly region: string; readonly endpoint: string }) {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=emulated/20260101/${region}/ec2/aws4_request`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'Action=DescribeSubnets&Version=2016-11-15',
  });
  const found = [...(await answer.text()).matchAll(/<subnetId>([^<]+)</g)];
  return found.flatMap(([, id]) => id ?? []).slice(0, 2);
}

/** Publishes ReplicaLag as RDS does, one sample a minute, the last one a minute ago. */
export async function publishLag(
  { name }: AwsEnvironment,
  client: Client,
  seconds: readonly number[],
  generation = 1,
  agoSeconds = 60,
): Promise<void> {
  const now = Date.now();
  await new CloudWatchClient(client).send(
    new PutMetricDataCommand({
      Namespace: 'AWS/RDS',
      MetricData: seconds.map((Value, at) => ({
        MetricName: 'ReplicaLag',
        Dimensions: [{ Name: 'DBInstanceIdentifier', Value: databaseName(name, client.region, generation) }],
        Timestamp: new Date(now - agoSeconds * 1000 - (seconds.length - 1 - at) * 60_000),
        Value,
      })),
    }),
  );
}
