import type { Action, Aws, Call, Calls } from '../../failover/operations/calls';
import { TandemError } from '../../lib/errors';

type Answers = { readonly [A in Action]?: (parameters: Calls[A][0], region: string) => Calls[A][1] };

/** A fake of AWS: a DynamoDB table of one item in each region that holds its condition on `Beat`, and whatever a test answers to other calls. */
export class FakeAws implements Aws {
  /** Every call but the journal's, in order, as `action region`. */
  readonly calls: string[] = [];
  beats = 0;
  readonly #items = new Map<string, Calls['dynamodb:PutItem'][0]['Item']>();
  /** Where the journal was written last. */
  #written = '';

  constructor(private readonly answers: Answers) {}

  // Async, so that what an answer throws is a rejection.
  async send<A extends Action>({ action, region, parameters }: Call<A>): Promise<Calls[A][1]> {
    await Promise.resolve();
    const answer: Answers[A] = this.#journal[action] ?? this.answers[action];
    if (!action.startsWith('dynamodb:')) this.calls.push(`${action} ${region}`);
    if (answer) return answer(parameters, region);
    throw refused('NoSuchAnswer', `the test has none to ${action}`);
  }

  /** The same AWS as a runner sees it that dies after so many writes of the journal: nothing it asks after that is heard. */
  mortal(writes: number): { readonly aws: Aws; readonly dead: Promise<void> } {
    let left = writes;
    let die: () => void = () => undefined;
    const dead = new Promise<void>((resolve) => (die = resolve));
    const send = async <A extends Action>(call: Call<A>): Promise<Calls[A][1]> => {
      if (left === 0) return new Promise(() => undefined);
      const answer = await this.send(call);
      if (call.action !== 'dynamodb:PutItem') return answer;
      left -= 1;
      if (left > 0) return answer;
      die();
      return new Promise(() => undefined);
    };
    return { aws: { send }, dead };
  }

  /** What the journal holds, as JSON. */
  get record(): string | undefined {
    return this.#items.get(this.#written)?.['Record']?.S;
  }

  /** Writes the item as another runner would. */
  beatByAnother(): void {
    const item = this.#items.get(this.#written);
    if (item) this.#items.set(this.#written, { ...item, Beat: { N: String(Number(item['Beat']?.N) + 1) } });
  }

  readonly #journal: Answers = {
    'dynamodb:GetItem': (_, region) => {
      const item = this.#items.get(region);
      return { $metadata: {}, ...(item && { Item: item }) };
    },
    'dynamodb:PutItem': ({ Item, ExpressionAttributeValues: values }, region) => {
      const seen = values?.[':seen']?.N;
      if (this.#items.get(region)?.['Beat']?.N !== seen)
        throw refused('ConditionalCheckFailedException', 'not the beat');
      this.#items.set(region, Item);
      this.#written = region;
      this.beats += 1;
      return {};
    },
  };
}

/** A refusal as targets/aws.ts words it. */
export function refused(name: string, found: string): TandemError {
  return new TandemError('AwsRefused', { found, expected: 'another call', next: 'none', cause: { name } });
}

export const unreachable = (found: string): TandemError =>
  new TandemError('RegionUnreachable', { found, expected: 'an answer', next: 'none' });
