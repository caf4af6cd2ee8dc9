import { z } from 'zod';
import type { Aws } from '../../failover/operations/calls';
import type { Operation, Step } from '../../failover/operations/operation';
import { perform } from '../../failover/operations/runner';
import { asCoded } from '../../lib/errors';
import { FakeAws, refused, unreachable } from '../support/fake-aws';

jest.setTimeout(60_000);

const budget = { name: 'test', seconds: 3 };
const promote = {
  action: 'rds:PromoteReadReplica',
  region: 'west',
  parameters: { DBInstanceIdentifier: 'database' },
} as const;
const put = (region: string) =>
  ({ action: 'cloudwatch:PutMetricData', region, parameters: { Namespace: 'Tandem' } }) as const;

const back: Step = {
  name: 'back',
  title: 'back',
  region: 'east',
  budget,
  calls: [put('east')],
  asks: [],
  after: 'as before',
};

/** A database of one instance, and an operation of two steps that promotes it. */
class World {
  source: string | undefined = 'arn:of:another';
  promotions = 0;
  /** What happens when it is promoted. */
  promoted = () => {
    this.source = undefined;
  };
  answerPut: () => unknown = () => ({});
  readonly aws = new FakeAws({
    'cloudwatch:PutMetricData': () => this.answerPut(),
    'rds:PromoteReadReplica': () => {
      this.promotions += 1;
      this.promoted();
      return {};
    },
  });

  operation(more: Partial<Operation> = {}, steps: Partial<Record<string, Partial<Step>>> = {}): Operation {
    const step = (name: string, own: Partial<Step>): Step => ({
      name,
      title: name,
      region: 'west',
      budget,
      calls: [],
      asks: [],
      after: `${name} is done`,
      ...own,
      ...steps[name],
    });
    return {
      name: 'failover',
      environment: 'dev',
      from: 'east',
      to: 'west',
      needsBoth: false,
      supersedes: ['switchover'],
      command: 'tandem failover dev --to west',
      preflight: () => Promise.resolve(['found nothing']),
      holds: () => Promise.resolve(this.source === undefined),
      steps: [
        step('latch', { calls: [put('west')] }),
        step('promote', {
          calls: [promote],
          needed: () => Promise.resolve(this.source !== undefined),
          done: () => Promise.resolve(this.source === undefined),
          bearsWith: ['InvalidDBInstanceState'],
          noReturn: true,
        }),
      ],
      ...more,
    };
  }

  run(operation = this.operation(), aws: Aws = this.aws) {
    return perform(operation, { aws, listeners: [], signal: new AbortController().signal });
  }

  /** Begins the operation with a runner that dies after so many writes of the journal. */
  async dies(writes: number): Promise<void> {
    const { aws, dead } = this.aws.mortal(writes);
    void this.run(this.operation(), aws).catch(() => undefined);
    await dead;
  }

  fails(operation?: Operation) {
    return this.run(operation).then(
      () => asCoded('it did not fail'),
      (thrown: unknown) => asCoded(thrown),
    );
  }

  get outcome(): string {
    return z.object({ outcome: z.string() }).parse(JSON.parse(this.aws.record ?? '{}')).outcome;
  }
}

it('that needs both regions is refused while another is unfinished in the journal of the one that is left', async () => {
  const world = new World();
  world.answerPut = () => {
    throw refused('AccessDenied', 'no');
  };
  expect((await world.fails(world.operation({ name: 'rebuild' }))).code).toBe('OperationHalted');
  const back = world.operation({ name: 'switchover', from: 'west', to: 'east', needsBoth: true });
  const { code, detail } = await world.fails(back);
  expect(code).toBe('OperationUnderWay');
  expect(detail.next).toBe('finish it first: tandem rebuild dev --region east');
});

const inOrder = ['cloudwatch:PutMetricData west', 'rds:PromoteReadReplica west'];

describe('an operation', () => {
  it.concurrent('takes its steps in order and journals each before and after', async () => {
    const world = new World();
    const record = await world.run();
    expect(world.aws.calls).toEqual(inOrder);
    expect(record).toMatchObject({
      outcome: 'done',
      found: ['found nothing'],
      steps: [
        { name: 'latch', outcome: 'done' },
        { name: 'promote', outcome: 'done' },
      ],
    });
    // Begun, two steps twice, ended.
    expect(world.aws.beats).toBe(6);
  });

  it.concurrent('is left alone when it is done and holds', async () => {
    const world = new World();
    await world.run();
    await world.run();
    expect(world.promotions).toBe(1);
    expect(world.aws.beats).toBe(6);
  });

  it.concurrent('is not taken for done because another one was, in the same journal', async () => {
    const world = new World();
    await world.run(world.operation({ name: 'rebuild' }));
    const { steps } = await world.run(world.operation({ holds: () => Promise.resolve(true) }));
    expect(steps).toHaveLength(2);
    expect(JSON.parse(world.aws.record ?? '')).toMatchObject({ operation: 'failover', outcome: 'done' });
  });

  it.concurrent.each([1, 2, 3, 4, 5])(
    'ends the same when its runner dies after journal entry %i',
    async (entry) => {
      const world = new World();
      await world.dies(entry);
      let preflights = 0;
      const preflight = () => Promise.resolve([String(++preflights)]);
      const record = await world.run(world.operation({ preflight }));
      expect(record.outcome).toBe('done');
      expect(record.steps.map(({ name }) => name)).toEqual(['latch', 'promote']);
      expect(world.source).toBeUndefined();
      expect(world.promotions).toBe(1);
      // What was allowed when it began is not asked again: its lag has grown since.
      expect(preflights).toBe(0);
    },
  );

  it.concurrent('is refused while another runner’s beat changes', async () => {
    const world = new World();
    await world.dies(2);
    const beating = setInterval(() => world.aws.beatByAnother(), 500);
    expect(await world.fails()).toMatchObject({ code: 'OperationUnderWay' });
    clearInterval(beating);
    expect(world.promotions).toBe(0);
  });

  it.concurrent('lets go when another runner wrote the journal', async () => {
    const world = new World();
    world.promoted = () => {
      world.aws.beatByAnother();
      world.source = undefined;
    };
    expect(await world.fails()).toMatchObject({ code: 'OperationLost' });
  });

  it.concurrent(
    'names an unfinished other operation, and takes the place of one that it supersedes',
    async () => {
      const world = new World();
      world.answerPut = () => {
        throw refused('AccessDenied', 'no');
      };
      const switchover = world.operation({ name: 'switchover', supersedes: [] });
      expect(await world.fails(switchover)).toMatchObject({ code: 'OperationHalted' });
      const rebuild = world.operation({ name: 'rebuild', supersedes: [] });
      const refusal = await world.fails(rebuild);
      expect(refusal.code).toBe('OperationUnderWay');
      expect(refusal.detail.next).toContain('tandem switchover dev --to west');
      world.answerPut = () => ({});
      expect(await world.run()).toMatchObject({ operation: 'failover', outcome: 'done' });
    },
  );
});

describe('a step', () => {
  it.concurrent(
    'that AWS throttles is asked for again until its budget ends, and the error says the state',
    async () => {
      const world = new World();
      let asked = 0;
      world.answerPut = () => {
        asked += 1;
        throw unreachable('throttled');
      };
      const error = await world.fails(world.operation());
      expect(error.code).toBe('OperationHalted');
      expect(error.detail.found).toMatch(/throttled.*State: nothing of dev was changed/);
      // What mends it, and then the command.
      expect(error.detail.next).toMatch(/^.+; it goes on there: tandem failover dev --to west$/);
      expect(asked).toBeGreaterThan(3);
      expect(world.outcome).toBe('halted');
    },
  );

  it.concurrent(
    'that AWS refuses ends at once; after a halt the same command goes on without waiting for a lease',
    async () => {
      const world = new World();
      world.promoted = () => {
        throw refused('AccessDenied', 'no');
      };
      const error = await world.fails();
      expect(error.detail.found).toContain('State: latch is done');
      world.promoted = () => {
        world.source = undefined;
      };
      const since = performance.now();
      expect(await world.run()).toMatchObject({ outcome: 'done' });
      expect(performance.now() - since).toBeLessThan(5000);
      expect(world.aws.calls).toEqual([...inOrder, 'rds:PromoteReadReplica west']);
    },
  );

  it.concurrent(
    'bears with a refusal that may mean “already”: a description may be older than the promotion',
    async () => {
      const world = new World();
      world.promoted = () => {
        setTimeout(() => {
          world.source = undefined;
        }, 1500);
        throw refused('InvalidDBInstanceState', 'not a replica');
      };
      expect(await world.run()).toMatchObject({ outcome: 'done' });
    },
  );

  it.concurrent('is not called for twice while it shows no effect', async () => {
    const world = new World();
    world.promoted = () => undefined;
    expect(await world.fails()).toMatchObject({ code: 'OperationHalted' });
    expect(world.promotions).toBe(1);
  });

  it.concurrent('that is optional fails alone, and is tried again by the same command', async () => {
    const world = new World();
    const optional = world.operation({}, { latch: { optional: true } });
    world.answerPut = () => {
      throw refused('Nope', 'no');
    };
    expect(await world.run(optional)).toMatchObject({
      outcome: 'done',
      steps: [
        { name: 'latch', outcome: 'failed' },
        { name: 'promote', outcome: 'done' },
      ],
    });
    world.answerPut = () => ({});
    const again = await world.run(
      world.operation({ preflight: () => Promise.reject(refused('Preflight', 'it is promoted')) }),
    );
    expect(again.steps).toMatchObject([
      { name: 'promote', outcome: 'done' },
      { name: 'latch', outcome: 'done' },
    ]);
    expect(world.promotions).toBe(1);
  });

  it.concurrent('before the point of no return is taken back when a later one fails there', async () => {
    const world = new World();
    world.promoted = () => {
      throw refused('AccessDenied', 'no');
    };
    const operation = world.operation({}, { latch: { undo: back } });
    const steps = operation.steps.map(({ noReturn, ...step }) => (noReturn ? step : { ...step }));
    const halted = await world.fails({ ...operation, steps });
    expect(halted.detail.found).toContain('it was taken back, and east is active as before');
    expect(world.aws.calls.at(-1)).toBe('cloudwatch:PutMetricData east');
    expect(world.outcome).toBe('undone');
  });

  it.concurrent('is not taken back from the point of no return on', async () => {
    const world = new World();
    world.promoted = () => {
      throw refused('AccessDenied', 'no');
    };
    await world.fails(world.operation({}, { latch: { undo: back } }));
    expect(world.aws.calls).toEqual(inOrder);
    expect(world.outcome).toBe('halted');
  });
});
