import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { TandemError } from '../../lib/errors';
import { physicalName } from '../../lib/names';
import { type Aws, type Call, refusalOf } from './calls';

const step = z.object({
  name: z.string(),
  startedAt: z.string(),
  /** Left out while it is under way. */
  endedAt: z.string().optional(),
  outcome: z.enum(['done', 'failed']).optional(),
  note: z.string().optional(),
});

const record = z.object({
  schema: z.literal('tandem/operation/v1'),
  operation: z.enum(['failover', 'switchover', 'rebuild']),
  from: z.string(),
  to: z.string(),
  startedAt: z.string(),
  /** Who runs it: host, process and a number of its own. */
  owner: z.string(),
  /** `halted` was let go by its runner, `undone` taken back; both may be started again. */
  outcome: z.enum(['running', 'halted', 'undone', 'done']),
  /** What the preflight found, such as the loss that was accepted. */
  found: z.array(z.string()),
  steps: z.array(step),
});

/** What a region's journal says of the operation that is under way, or was the last. */
export type OperationRecord = z.infer<typeof record>;

const item = z.object({ Record: z.object({ S: z.string() }), Beat: z.object({ N: z.string() }) });

/** The table in the region that an operation makes active: one item an environment. */
export const journalTable = (environment: string, region: string): string =>
  physicalName('dynamodbTable', { environment, region, component: 'operations' });

const readCall = (environment: string, region: string): Call<'dynamodb:GetItem'> => ({
  action: 'dynamodb:GetItem',
  region,
  parameters: {
    TableName: journalTable(environment, region),
    Key: { Environment: { S: environment } },
    ConsistentRead: true,
  },
});

/**
 * The journal of an environment in one of its regions. Every write says which one it follows (`Beat`), so that of two runners
 * one is refused. A lease is no time on anybody's clock: a runner whose beat does not change for `leaseSeconds` is taken for gone.
 */
export class Journal {
  static readonly leaseSeconds = 10;
  readonly owner = `${hostname()} ${process.pid} ${randomUUID().slice(0, 8)}`;
  #beat: number | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly aws: Aws,
    private readonly environment: string,
    private readonly region: string,
  ) {}

  /** The record and its beat, which changes with every write; undefined when no operation ever ran here. */
  async read(): Promise<{ readonly record: OperationRecord; readonly beat: number } | undefined> {
    const { Item } = await this.aws.send(readCall(this.environment, this.region));
    if (Item === undefined) {
      this.#beat = undefined;
      return undefined;
    }
    const { Record, Beat } = item.parse(Item);
    this.#beat = Number(Beat.N);
    return { record: record.parse(JSON.parse(Record.S)), beat: this.#beat };
  }

  /**
   * Writes the record in the place of the one that was read or written last, one write after the other.
   * @throws TandemError OperationLost when somebody else wrote meanwhile
   */
  write(next: OperationRecord): Promise<void> {
    const write = this.#last.then(() => this.#put(next));
    this.#last = write.catch(() => undefined);
    return write;
  }

  async #put(next: OperationRecord): Promise<void> {
    const beat = (this.#beat ?? 0) + 1;
    try {
      await this.aws.send({
        action: 'dynamodb:PutItem',
        region: this.region,
        parameters: {
          TableName: journalTable(this.environment, this.region),
          Item: {
            Environment: { S: this.environment },
            Beat: { N: String(beat) },
            Record: { S: JSON.stringify(next) },
          },
          // An answer that was lost is asked for again by the SDK: the same write is no other runner's.
          ConditionExpression: `${this.#beat === undefined ? 'attribute_not_exists(Environment)' : 'Beat = :seen'} OR (Beat = :next AND #record = :record)`,
          ExpressionAttributeNames: { '#record': 'Record' },
          ExpressionAttributeValues: {
            ...(this.#beat !== undefined && { ':seen': { N: String(this.#beat) } }),
            ':next': { N: String(beat) },
            ':record': { S: JSON.stringify(next) },
          },
        },
      });
    } catch (thrown) {
      if (refusalOf(thrown) !== 'ConditionalCheckFailedException') throw thrown;
      throw new TandemError('OperationLost', {
        found: `somebody else wrote the journal of ${this.environment} in ${this.region}`,
        expected: 'one runner at a time',
        next: `tandem status ${this.environment} shows whose operation it is; run the command again when it is over`,
        cause: thrown,
      });
    }
    this.#beat = beat;
  }
}
