import { Redis } from 'ioredis';
import { join } from 'node:path';
import { cacheServerOnPath } from '../../twin/cache';
import type { Postgres } from '../../twin/postgres';
import { Supervised } from '../../twin/supervised';
import { Bench, eventually } from '../support/workload';

const server = cacheServerOnPath();
const why = server === undefined ? ' (skipped: no valkey-server or redis-server on PATH)' : '';

(server === undefined ? describe.skip : describe)(
  `a cache of three shards whose user is known by IAM${why}`,
  () => {
    let bench: Bench;
    let postgres: Postgres;
    const shards: Redis[] = [];

    beforeAll(async () => {
      bench = await Bench.create();
      postgres = await bench.primary();
      const { regions, cachePort: port } = bench.addresses;
      const host = regions[0].data;
      for (const shard of [0, 1, 2]) {
        const flags = {
          bind: host,
          port: port + shard,
          save: '',
          appendonly: 'no',
          'cluster-enabled': 'yes',
          'cluster-announce-ip': host,
          'cluster-config-file': `shard-${shard}.conf`,
        };
        new Supervised(bench.folder, {
          name: `shard-${shard}`,
          command: server ?? '',
          args: Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
          cwd: bench.folder.path,
          log: join(bench.folder.path, `shard-${shard}.log`),
        });
        const redis = new Redis({
          host,
          port: port + shard,
          retryStrategy: () => 50,
          maxRetriesPerRequest: null,
        });
        redis.on('error', () => undefined);
        shards.push(redis);
        await redis.cluster('ADDSLOTSRANGE', shard * 5461, shard === 2 ? 16_383 : shard * 5461 + 5460);
        // As ElastiCache with IAM: nobody without a name. No server here can check a token, so any will do.
        await redis.call('ACL', 'SETUSER', 'reference', 'on', 'nopass', '~*', '&*', '+@all');
        await redis.call('ACL', 'SETUSER', 'default', 'resetpass');
      }
      for (const [shard, redis] of shards.entries())
        await redis.cluster('MEET', host, port + ((shard + 1) % 3));
      await eventually('the shards to find each other', async () =>
        (await Promise.all(shards.map((redis) => redis.cluster('INFO')))).every((info) =>
          info.includes('cluster_state:ok'),
        ),
      );
    });
    afterAll(async () => {
      for (const redis of shards) redis.disconnect();
      await bench.close();
    });

    it('serves keys of every shard, by connections that name the user', async () => {
      const { regions, cachePort } = bench.addresses;
      const workload = await bench.workload(postgres, {
        VALKEY_URL: `redis://reference@${regions[0].data}:${cachePort}`,
        VALKEY_SHARDED: 'true',
        VALKEY_IAM_CLUSTER: 'tandem-test-cache',
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'a-test-secret',
      });
      await workload.untilReady({ writable: true, cache: 'ok' });
      const ids = Array.from({ length: 30 }, (_, number) => `key-${number}`);
      for (const id of ids) await workload.post({ id, value: 1 });
      for (const id of ids) {
        await eventually(`${id} to be read from the cache`, async () => {
          const { headers } = await workload.get(`/data/${id}`);
          return headers.get('x-cache') === 'hit';
        });
      }
      for (const redis of shards) {
        expect(await redis.dbsize()).toBeGreaterThan(0);
        expect(String(await redis.call('CLIENT', 'LIST'))).toContain('user=reference');
      }
    });
  },
);
