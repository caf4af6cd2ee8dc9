import type { AwsEnvironment } from '../../environments';
import type { DrillEvent } from '../events';
import type { Aws } from '../operations/calls';
import { failover } from '../operations/failover';
import { perform } from '../operations/runner';
import { placeOf } from '../operations/steps';
import type { OwnDatabase } from './aws';

interface TakeOver {
  /** Of the surviving region alone. */
  readonly aws: Aws;
  readonly environment: AwsEnvironment;
  /** The region that becomes active. */
  readonly region: string;
  readonly database: () => Promise<OwnDatabase>;
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/**
 * `tandem failover` without a person, never accepting a loss beyond the RPO. Which generation is promoted is AWS's word: the
 * gates saw that it is the standby.
 */
export const takeOver =
  ({ aws, environment, region, database, log }: TakeOver) =>
  async (signal: AbortSignal): Promise<void> => {
    const { generation } = await database();
    const { peer } = placeOf(environment, region);
    const operation = await failover(aws, {
      environment,
      roles: { [region]: { role: 'standby', generation }, [peer]: { role: 'active', generation: 1 } },
      to: region,
      acceptLoss: false,
    });
    const listen = ({ type, ...event }: DrillEvent) => log({ event: type, ...event });
    await perform(operation, { aws, listeners: [listen], signal });
  };
