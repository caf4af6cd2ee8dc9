import { TerraformOutput, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { roleOf } from '../environments/roles';
import { alarmTopic } from '../modules/alarms/aws';
import { watchedDatabase } from '../modules/autopilot/database';
import { cache } from '../modules/cache/aws';
import { operations } from '../modules/operations/aws';
import { privateCidr, vpcCidrs } from '../modules/network/subnets';
import { instanceArn, postgres } from '../modules/postgres/aws';
import { privateZone } from '../modules/private-zone/aws';
import { databaseSecret, databaseSecretArn, ephemeralPassword } from '../modules/secrets/aws';
import { AwsStack } from './aws-stack';
import { consume, publish } from './contract';
import { dataContract, keysContract, networkContract } from './contracts';
import type { AwsDeployment } from './deployment';

/** The database as its clients see it, in every region. */
export const database = { username: 'tandem', database: 'tandem', port: 5432 };

/** When stores may be busy, in UTC: nights in America, never both regions at once, never one window on the heels of the other. */
const windows = [
  { backup: '06:00-07:00', maintenance: 'sun:08:00-sun:09:00' },
  { backup: '07:00-08:00', maintenance: 'sat:09:00-sat:10:00' },
] as const;

/**
 * A region's database, cache and journal of operations. The role decides only whether they are primaries or copies of the peer's: a fenced region's stay
 * the primaries that they were, and everything else here is the same in every role.
 */
export class DataStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment, region: string) {
    super(scope, id, deployment, 'data', region);
    const { name: environment, account, regions, logRetentionDays, ...more } = deployment.environment;
    const first = region === regions[0];
    const peer = first ? regions[1] : regions[0];
    const { role, generation } = roleOf(deployment.roles, region);
    const copies = role === 'standby' || role === 'rebuilding';

    const { vpcId, databaseSubnetIds: subnetIds } = consume(this, networkContract);
    const { dataKeyArn: kmsKeyArn, secretsKeyArn } = consume(this, keysContract);
    const place = { environment, region, layer: this.layer };
    const alarmTopicArn = alarmTopic(this, { ...place, account, kmsKeyArn });
    const shared = {
      ...place,
      account,
      vpcId,
      subnetIds,
      kmsKeyArn,
      windows: windows[first ? 0 : 1],
      logRetentionDays,
      protected: more.protected,
      alarmTopicArn,
    };

    const credentials = { ...database, password: ephemeralPassword(this, alarmTopicArn) };
    const source = instanceArn(environment, peer, roleOf(deployment.roles, peer).generation, account);
    const sql = postgres(this, {
      ...shared,
      generation,
      ...credentials,
      ...more.postgres,
      ...(copies && { sourceArn: source }),
      rpoSeconds: more.objectives.rpoSeconds,
    });
    const [firstCidr, secondCidr] = vpcCidrs(more.network.cidr);
    watchedDatabase(this, {
      ...place,
      securityGroupId: sql.serverSecurityGroupId,
      port: database.port,
      cidr: privateCidr(first ? secondCidr : firstCidr),
    });
    if (first) {
      databaseSecret(this, {
        ...place,
        ...credentials,
        kmsKeyArn: secretsKeyArn,
        peerRegion: peer,
        protected: more.protected,
        after: sql.instance,
      });
    }

    // A pair needs a replica in each shard to fail over to; without one each region fills a cache of its own.
    const paired = more.cache.nodesPerShard > 1;
    const valkey = cache(this, {
      ...shared,
      ...more.cache,
      ...(paired && {
        pair: {
          owned: first,
          ...(copies && { copyOf: deployment.recorded?.globalDatastoreId ?? this.#unrecordedId() }),
        },
      }),
    });
    if (valkey.globalDatastoreId !== undefined) {
      new TerraformOutput(this, 'globalDatastoreId', { value: valkey.globalDatastoreId });
    }

    operations(this, shared);

    const nameOf = privateZone(this, {
      ...place,
      vpcId,
      names: { writer: [sql.writer], readers: sql.readers, cache: [valkey.endpoint] },
    });
    publish(this, dataContract, {
      databaseClientSecurityGroupId: sql.clientSecurityGroupId,
      cacheClientSecurityGroupId: valkey.clientSecurityGroupId,
      writerName: nameOf('writer'),
      readersName: nameOf('readers'),
      cacheName: nameOf('cache'),
      databaseSecretArn: databaseSecretArn(environment, region, account),
      secretsKeyArn,
      cacheArn: valkey.arn,
      cacheUserArn: valkey.userArn,
    });
  }

  /** Nobody can know it before the region that owns the pair is applied: until then a plan of the copy fails, and says why. */
  #unrecordedId(): string {
    if (!this.live) return 'offline-placeholder';
    return new TerraformVariable(this, 'global_datastore_id', {
      type: 'string',
      description:
        'The id of the Global Datastore: `tandem up` applies the first region’s data and records it in environments/recorded.json.',
    }).stringValue;
  }
}
