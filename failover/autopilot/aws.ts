import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import { DescribeDBInstancesCommand, paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds';
import { physicalName } from '../../lib/names';
import type { Round } from './round';

/** The database of the region that is watched from, as RDS has it. */
export interface OwnDatabase {
  readonly identifier: string;
  readonly generation: number;
  /** The ARN of what it copies; left out for a primary. */
  readonly copyOf?: string;
}

export interface DatabaseEndpoint {
  readonly address: string;
  readonly port: number;
}

/** Whom people hear from: docs/autopilot.md. */
export const metric = { namespace: 'Tandem/Autopilot', name: 'Asks' } as const;

/** The most that a rebuild can count to (environments/roles.ts). */
const mostGenerations = 9999;

/**
 * What the autopilot asks AWS: its own region for everything that opens a gate, the peer region only for where its database
 * is. A request is tried twice within the caller's deadline; the next round asks again.
 */
export class RegionalAws {
  readonly #rds: RDSClient;
  readonly #peerRds: RDSClient;
  readonly #cloudWatch: CloudWatchClient;
  readonly #eks: EKSClient;
  /** From an instance's name to its generation: a long name ends in a hash, which can't be read back. */
  readonly #generations: ReadonlyMap<string, number>;

  constructor(
    private readonly environment: string,
    private readonly region: string,
    peer: string,
  ) {
    const of = { region, maxAttempts: 2 };
    this.#rds = new RDSClient(of);
    this.#cloudWatch = new CloudWatchClient(of);
    this.#eks = new EKSClient(of);
    this.#peerRds = new RDSClient({ ...of, region: peer });
    this.#generations = new Map(
      Array.from({ length: mostGenerations }, (_, at) => [
        physicalName('rdsInstance', { environment, region, component: 'postgres', generation: at + 1 }),
        at + 1,
      ]),
    );
  }

  /**
   * The newest generation that stands in the region: found by AWS and not by roles.json, which a container has from when it was
   * built.
   */
  async ownDatabase(abortSignal: AbortSignal): Promise<OwnDatabase> {
    const found: OwnDatabase[] = [];
    for await (const page of paginateDescribeDBInstances({ client: this.#rds }, {}, { abortSignal })) {
      for (const { DBInstanceIdentifier: identifier = '', ...more } of page.DBInstances ?? []) {
        const generation = this.#generations.get(identifier);
        const copyOf = more.ReadReplicaSourceDBInstanceIdentifier;
        if (generation !== undefined) found.push({ identifier, generation, ...(copyOf && { copyOf }) });
      }
    }
    const [newest] = found.sort((one, other) => other.generation - one.generation);
    if (newest) return newest;
    throw new TypeError(`no database of ${this.environment} stands in ${this.region}`);
  }

  /** Where the peer's database is reached, asked of the peer while it can still say so. */
  async endpointOf(arn: string, abortSignal: AbortSignal): Promise<DatabaseEndpoint> {
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: arn.split(':').at(-1) });
    const { DBInstances: [instance] = [] } = await this.#peerRds.send(command, { abortSignal });
    const { Address: address, Port: port } = instance?.Endpoint ?? {};
    if (address !== undefined && port !== undefined) return { address, port };
    throw new TypeError(`${arn} has no endpoint`);
  }

  /** `ReplicaLag` of the last hour, minute by minute. */
  async lag(identifier: string, abortSignal: AbortSignal): Promise<NonNullable<Round['lag']>> {
    const { Datapoints = [] } = await this.#cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/RDS',
        MetricName: 'ReplicaLag',
        Dimensions: [{ Name: 'DBInstanceIdentifier', Value: identifier }],
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(),
        Period: 60,
        Statistics: ['Maximum'],
      }),
      { abortSignal },
    );
    return Datapoints.flatMap(({ Timestamp, Maximum }) =>
      Timestamp && Maximum !== undefined ? [{ fromMs: Timestamp.getTime(), seconds: Maximum }] : [],
    );
  }

  /** The nodes that the region's group is told to run; none counts while EKS reports an issue with the group. */
  async nodes(needed: number, abortSignal: AbortSignal): Promise<NonNullable<Round['nodes']>> {
    const of = { environment: this.environment, region: this.region };
    const { nodegroup } = await this.#eks.send(
      new DescribeNodegroupCommand({
        clusterName: physicalName('eksCluster', { ...of, component: 'cluster' }),
        nodegroupName: physicalName('eksNodeGroup', { ...of, component: 'nodes' }),
      }),
      { abortSignal },
    );
    const issues = nodegroup?.health?.issues ?? [];
    return { running: issues.length > 0 ? 0 : (nodegroup?.scalingConfig?.desiredSize ?? 0), needed };
  }

  /** 1 while people are asked, 0 while not; that it comes at all says that somebody watches. */
  async report(asks: boolean, abortSignal: AbortSignal): Promise<void> {
    await this.#cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: metric.namespace,
        MetricData: [
          {
            MetricName: metric.name,
            Dimensions: [
              { Name: 'Environment', Value: this.environment },
              { Name: 'Region', Value: this.region },
            ],
            Value: asks ? 1 : 0,
          },
        ],
      }),
      { abortSignal },
    );
  }

  close(): void {
    for (const client of [this.#rds, this.#peerRds, this.#cloudWatch, this.#eks]) client.destroy();
  }
}
