import type { AwsEnvironment } from '../../environments';
import type { Aws } from '../operations/calls';
import { lagSamples, type LagSample } from '../operations/lag';
import { againstCluster } from '../operations/readiness';
import { databaseCall, databaseName } from '../operations/stores';

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

/** Whom people hear from: modules/autopilot has its alarms. */
export const metric = { namespace: 'Tandem/Autopilot', name: 'Asks' } as const;

/** The most that a rebuild can count to (environments/roles.ts). */
const mostGenerations = 9999;

/**
 * What the autopilot asks AWS: its own region for everything that opens a gate, the peer region only for where its database
 * is.
 */
export class RegionalAws {
  /** From an instance's name to its generation: a long name ends in a hash, which can't be read back. */
  readonly #generations: ReadonlyMap<string, number>;

  constructor(
    private readonly aws: Aws,
    private readonly environment: AwsEnvironment,
    private readonly region: string,
    private readonly peer: string,
  ) {
    this.#generations = new Map(
      Array.from({ length: mostGenerations }, (_, at) => [
        databaseName(environment.name, region, at + 1),
        at + 1,
      ]),
    );
  }

  /**
   * The newest generation that stands in the region: found by AWS and not by roles.json, which a container has from when it was
   * built.
   */
  async ownDatabase(): Promise<OwnDatabase> {
    const found: OwnDatabase[] = [];
    let Marker: string | undefined;
    do {
      const page = await this.aws.send({
        action: 'rds:DescribeDBInstances',
        region: this.region,
        parameters: { ...(Marker !== undefined && { Marker }) },
      });
      for (const { DBInstanceIdentifier: identifier = '', ...more } of page.DBInstances ?? []) {
        const generation = this.#generations.get(identifier);
        const copyOf = more.ReadReplicaSourceDBInstanceIdentifier;
        if (generation !== undefined) found.push({ identifier, generation, ...(copyOf && { copyOf }) });
      }
      ({ Marker } = page);
    } while (Marker !== undefined);
    const [newest] = found.sort((one, other) => other.generation - one.generation);
    if (newest) return newest;
    throw new TypeError(`no database of ${this.environment.name} stands in ${this.region}`);
  }

  /** Where the peer's database is reached, asked of the peer while it can still say so. */
  async endpointOf(arn: string): Promise<DatabaseEndpoint> {
    const { DBInstances: [instance] = [] } = await this.aws.send(
      databaseCall(this.peer, arn.split(':').at(-1) ?? arn),
    );
    const { Address: address, Port: port } = instance?.Endpoint ?? {};
    if (address !== undefined && port !== undefined) return { address, port };
    throw new TypeError(`${arn} has no endpoint`);
  }

  lag(identifier: string): Promise<readonly LagSample[]> {
    return lagSamples(this.aws, this.region, identifier, Date.now());
  }

  /** What speaks against the region's cluster, in words. */
  async clusterObjections(): Promise<readonly string[]> {
    const objections = await againstCluster(this.aws, this.environment, this.region);
    return objections.map(({ found }) => found);
  }

  /** 1 while people are asked, 0 while not; that it comes at all says that somebody watches. */
  async report(asks: boolean): Promise<void> {
    const dimensions = { Environment: this.environment.name, Region: this.region };
    await this.aws.send({
      action: 'cloudwatch:PutMetricData',
      region: this.region,
      parameters: {
        Namespace: metric.namespace,
        MetricData: [
          {
            MetricName: metric.name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            Value: asks ? 1 : 0,
          },
        ],
      },
    });
  }
}
