import type { AwsEnvironment } from '../../environments';
import type { DatabaseEndpoint, OwnDatabase, RegionalAws } from './aws';
import { answers, databaseAnswers, lookAtWitness, type Network, serves } from './network';
import type { Round } from './round';
import { type Sighting, sight } from './sighting';

export interface Sights {
  readonly environment: AwsEnvironment;
  /** The region that is watched from. */
  readonly region: string;
  readonly peer: string;
  readonly aws: Pick<RegionalAws, 'ownDatabase' | 'endpointOf' | 'lag' | 'clusterObjections'>;
  readonly network: Network;
  /** What the region's own journal says is under way. */
  readonly operation: () => Promise<NonNullable<Round['operation']>>;
}

/** Looks at a region on AWS, round after round. What one look needs of another it takes from the last that knew. */
export class Lookout {
  #database: OwnDatabase | undefined;
  #peerEndpoint: { readonly arn: string; readonly at: DatabaseEndpoint } | undefined;

  constructor(private readonly sights: Sights) {}

  /** Never throws, but for the signal's reason when aborted. */
  async look(signal: AbortSignal): Promise<Sighting> {
    const { environment, region, peer, aws, network, operation } = this.sights;
    const { dns, healthCheck } = environment;
    const publicName = `${dns.host}.${dns.zone}`;
    const names = { own: `${region}.${publicName}`, peer: `${peer}.${publicName}` };
    const database = aws.ownDatabase();
    const lastKnown = async () => {
      this.#database = await database.catch(() => this.#database);
      if (this.#database) return this.#database;
      throw new TypeError('nothing is known of the own database');
    };
    return sight(
      {
        witness: () => lookAtWitness(network, publicName, names),
        peerServes: (within) => serves(network, names.peer, healthCheck.path, within),
        ownServes: (within) => serves(network, names.own, healthCheck.path, within),
        edgeAnswers: (within) => answers(network, `edge.${publicName}`, within),
        peerDatabaseAnswers: async (within) => this.#peerDatabaseAnswers(await lastKnown(), within),
        replica: async () => (await database).copyOf !== undefined,
        lag: async () => aws.lag((await lastKnown()).identifier),
        operation,
        clusterObjections: () => aws.clusterObjections(),
      },
      signal,
    );
  }

  /** Its endpoint is asked for once, while the peer region can tell: a region that is lost can't. */
  async #peerDatabaseAnswers({ copyOf: arn }: OwnDatabase, signal: AbortSignal): Promise<boolean> {
    if (arn === undefined) throw new TypeError('the own database copies nothing');
    if (this.#peerEndpoint?.arn !== arn) {
      this.#peerEndpoint = { arn, at: await this.sights.aws.endpointOf(arn) };
    }
    return databaseAnswers(this.sights.network, this.#peerEndpoint.at, signal);
  }
}
