import { JournalLook } from '../../failover/autopilot/operation';
import { Journal, type OperationRecord } from '../../failover/operations/journal';
import { FakeAws } from '../support/fake-aws';

const [peer, own] = ['us-east-1', 'us-west-2'];
const record: OperationRecord = {
  schema: 'tandem/operation/v1',
  operation: 'failover',
  from: peer,
  to: own,
  startedAt: '2026-11-21T12:00:00.000Z',
  owner: 'somebody',
  outcome: 'running',
  found: [],
  steps: [],
};

let aws: FakeAws;
let look: JournalLook;
const write = (changes: Partial<OperationRecord>) =>
  new Journal(aws, 'production', own).write({ ...record, ...changes });

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  aws = new FakeAws({});
  look = new JournalLook(new Journal(aws, 'production', own), own);
});
afterEach(() => {
  jest.useRealTimers();
});

it('is nothing before the first operation', async () => {
  await expect(look.look()).resolves.toBe('none');
});

it.each([
  [{ outcome: 'done' }, 'none'],
  [{ outcome: 'undone' }, 'none'],
  [{ outcome: 'running' }, 'under-way'],
  [{ outcome: 'halted' }, 'half-done'],
  [{ outcome: 'halted', operation: 'switchover' }, 'abandoned'],
  [{ outcome: 'halted', to: peer, from: own }, 'abandoned'],
] as const)('of %j is %s', async (changes, expected) => {
  await write(changes);
  await expect(look.look()).resolves.toBe(expected);
});

it.each([
  ['failover', 'half-done'],
  ['switchover', 'abandoned'],
] as const)(
  'of a %s whose runner beats is under way, and %s a lease after its last beat',
  async (operation, expected) => {
    await write({ operation });
    for (let beat = 0; beat < 5; beat += 1) {
      await expect(look.look()).resolves.toBe('under-way');
      jest.advanceTimersByTime(9_000);
      aws.beatByAnother();
    }
    await expect(look.look()).resolves.toBe('under-way');
    jest.advanceTimersByTime(10_001);
    await expect(look.look()).resolves.toBe(expected);
  },
);
