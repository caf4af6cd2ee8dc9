import { setMaxListeners } from 'node:events';
import type { AwsEnvironment } from '../../environments';
import { roundSeconds } from '../../environments/autopilot';
import { reasonOf } from '../../lib/errors';
import type { DatabaseEndpoint, OwnDatabase, RegionalAws } from './aws';
import { answers, databaseAnswers, lookAtWitness, type Network, serves } from './network';
import type { Round } from './round';

/** Within a round, and before the next one: what has not answered by then was not seen. */
const deadlineMs = (roundSeconds - 1) * 1000;

/** What a round saw, and why it did not see the rest. */
export interface Sighting {
  readonly round: Round;
  /** By look, in words; empty when every look saw something. */
  readonly missed: Readonly<Record<string, string>>;
}

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

/** Looks at everything at once, round after round. What one look needs of another it takes from the last that knew. */
export class Lookout {
  #database: OwnDatabase | undefined;
  #peerEndpoint: { readonly arn: string; readonly at: DatabaseEndpoint } | undefined;

  constructor(private readonly sights: Sights) {}

  /** Takes at most a second less than a round; never throws, but for the signal's reason when aborted. */
  async look(signal: AbortSignal): Promise<Sighting> {
    const { environment, region, peer, aws, network, operation } = this.sights;
    const { dns, healthCheck } = environment;
    const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    // As many listeners as there are looks and sockets.
    setMaxListeners(0, within);
    const publicName = `${dns.host}.${dns.zone}`;
    const names = { own: `${region}.${publicName}`, peer: `${peer}.${publicName}` };
    const missed: Record<string, string> = {};
    const see = async <T>(what: string, look: Promise<T>): Promise<T | undefined> => {
      try {
        return await orAborted(look, within);
      } catch (thrown) {
        missed[what] = reasonOf(thrown);
        return undefined;
      }
    };

    const database = see('own database', aws.ownDatabase());
    const ofDatabase = async <T>(look: (own: OwnDatabase) => Promise<T>) => {
      this.#database = (await database) ?? this.#database;
      if (this.#database) return look(this.#database);
      throw new TypeError('nothing is known of the own database');
    };
    const [
      own,
      witness,
      peerServes,
      ownServes,
      edgeAnswers,
      peerDatabaseAnswers,
      lag,
      underWay,
      clusterObjections,
    ] = await Promise.all([
      database,
      see('witness', lookAtWitness(network, publicName, names)),
      see('peer', serves(network, names.peer, healthCheck.path, within)),
      see('own', serves(network, names.own, healthCheck.path, within)),
      see('edge', answers(network, `edge.${publicName}`, within)),
      see(
        'peer database',
        ofDatabase((known) => this.#peerDatabaseAnswers(known, within)),
      ),
      see(
        'lag',
        ofDatabase(({ identifier }) => aws.lag(identifier)),
      ),
      see('operation', operation()),
      see('cluster', aws.clusterObjections()),
    ]);
    signal.throwIfAborted();
    return {
      missed,
      round: {
        atMs: performance.now(),
        wallMs: Date.now(),
        ...(witness !== undefined && { witness }),
        ...(peerServes !== undefined && { peerServes }),
        ...(ownServes !== undefined && { ownServes }),
        ...(edgeAnswers !== undefined && { edgeAnswers }),
        ...(peerDatabaseAnswers !== undefined && { peerDatabaseAnswers }),
        ...(own !== undefined && { replica: own.copyOf !== undefined }),
        ...(lag !== undefined && { lag }),
        ...(underWay !== undefined && { operation: underWay }),
        ...(clusterObjections !== undefined && { clusterObjections }),
      },
    };
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

/** A look that ends with the deadline, whether or not what it waits for can be ended: DNS and the SDK's own retries can't. */
function orAborted<T>(look: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TypeError(`no answer within ${deadlineMs / 1000} s`));
    signal.addEventListener('abort', late, { once: true });
    look.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}
