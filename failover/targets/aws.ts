import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import {
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  FailoverGlobalReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import {
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { TandemError } from '../../lib/errors';
import type { Action, Aws, Call, Calls } from '../operations/calls';
import { type Asked, ask } from './aws-ask';

// Which Node.js the SDK runs on is package.json's business, and no news in the middle of a failover.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** For how long a call is asked again, in milliseconds: a region that takes over another's load throttles for a while. */
const patienceMs = 20_000;

/** One attempt, in milliseconds, so that a black hole is not waited for to the end. */
const attempt = { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true };

/** A call is ended by its own deadline alone: an operation that is interrupted still has a journal to close. */
const unending = AbortSignal.any([]);

/** Adaptive: slows down while AWS throttles, as a region does that takes over another's load. */
const options = (region: string) => ({
  region,
  retryMode: 'adaptive',
  // Its deadline ends a call, and no count.
  maxAttempts: 20,
  requestHandler: attempt,
});

const clientsFor = (region: string) => ({
  cloudwatch: new CloudWatchClient(options(region)),
  dynamodb: new DynamoDBClient(options(region)),
  eks: new EKSClient(options(region)),
  elasticache: new ElastiCacheClient(options(region)),
  rds: new RDSClient(options(region)),
});

type Clients = ReturnType<typeof clientsFor>;

type Senders = {
  readonly [A in Action]: (
    clients: Clients,
    parameters: Calls[A][0],
    within: { readonly abortSignal: AbortSignal },
  ) => Promise<Calls[A][1]>;
};

const senders: Senders = {
  'cloudwatch:GetMetricData': ({ cloudwatch }, given, within) =>
    cloudwatch.send(new GetMetricDataCommand(given), within),
  'cloudwatch:PutMetricData': ({ cloudwatch }, given, within) =>
    cloudwatch.send(new PutMetricDataCommand(given), within),
  'dynamodb:GetItem': ({ dynamodb }, given, within) => dynamodb.send(new GetItemCommand(given), within),
  'dynamodb:PutItem': ({ dynamodb }, given, within) => dynamodb.send(new PutItemCommand(given), within),
  'eks:DescribeNodegroup': ({ eks }, given, within) => eks.send(new DescribeNodegroupCommand(given), within),
  'elasticache:DescribeReplicationGroups': ({ elasticache }, given, within) =>
    elasticache.send(new DescribeReplicationGroupsCommand(given), within),
  'elasticache:FailoverGlobalReplicationGroup': ({ elasticache }, given, within) =>
    elasticache.send(new FailoverGlobalReplicationGroupCommand(given), within),
  'rds:DescribeDBInstances': ({ rds }, given, within) =>
    rds.send(new DescribeDBInstancesCommand(given), within),
  'rds:ModifyDBInstance': ({ rds }, given, within) => rds.send(new ModifyDBInstanceCommand(given), within),
  'rds:PromoteReadReplica': ({ rds }, given, within) =>
    rds.send(new PromoteReadReplicaCommand(given), within),
};

/**
 * AWS by its SDK, at regional endpoints and in the given regions alone: a failover that is given the surviving region can't
 * ask the lost one, whatever it tries.
 */
export class AwsTarget implements Aws {
  readonly #clients = new Map<string, Clients>();

  constructor(private readonly regions: readonly string[]) {}

  async send<A extends Action>({ action, region, parameters }: Call<A>): Promise<Calls[A][1]> {
    const until = performance.now() + patienceMs;
    let asked: Asked<Calls[A][1]>;
    do {
      asked = await ask(`${action} in ${region}`, unending, (abortSignal) =>
        senders[action](this.#clientsOf(region), parameters, { abortSignal }),
      );
      if (asked.reached) return asked.answer;
    } while (performance.now() < until);
    throw new TandemError('RegionUnreachable', {
      found: asked.reason,
      expected: 'an answer',
      next: `see whether ${region} has an outage, then run the command again`,
    });
  }

  /** Ends connections that would keep the process. */
  close(): void {
    for (const clients of this.#clients.values()) {
      for (const client of Object.values(clients)) client.destroy();
    }
  }

  #clientsOf(region: string): Clients {
    const known = this.#clients.get(region);
    if (known) return known;
    if (!this.regions.includes(region)) {
      throw new TandemError('Unexpected', {
        found: `a call to ${region}`,
        expected: `calls to ${this.regions.join(' and ')} alone`,
        next: 'report it: an operation must not depend on a region that may be lost',
      });
    }
    const made = clientsFor(region);
    this.#clients.set(region, made);
    return made;
  }
}
