import type { Decision } from '../../failover/autopilot/decide';
import type { Sighting } from '../../failover/autopilot/sighting';
import type { Round } from '../../failover/autopilot/round';
import { watch, type WatchOptions } from '../../failover/autopilot/watch';
import { TandemError } from '../../lib/errors';

type Looks = Omit<Round, 'atMs' | 'wallMs' | 'lag'>;
const whole: Looks = {
  witness: 'peer',
  peerServes: true,
  ownServes: true,
  peerDatabaseAnswers: true,
  edgeAnswers: true,
  replica: true,
  operation: 'none',
  clusterObjections: [],
};
const lost: Looks = { ...whole, witness: 'own', peerServes: false, peerDatabaseAnswers: false };

/** Rounds of 10 ms over looks that are made up; time is real. Ends when the looks are used up. */
async function run(
  looks: readonly Looks[],
  more: Partial<WatchOptions> = {},
): Promise<{
  readonly lines: readonly Record<string, unknown>[];
  readonly reports: readonly boolean[];
  readonly failovers: number;
}> {
  const lines: Record<string, unknown>[] = [];
  const reports: boolean[] = [];
  const ending = new AbortController();
  let at = 0;
  let failovers = 0;
  await watch({
    mode: 'act',
    timing: { window: 0.05, patience: 10, gap: 5, rpo: 30 },
    everyMs: 10,
    look: (): Promise<Sighting> => {
      const seen = looks[at];
      at += 1;
      if (!seen) {
        ending.abort(new DOMException('the test is over', 'AbortError'));
        return Promise.reject(new DOMException('ended', 'AbortError'));
      }
      const wallMs = Date.now();
      const lag = [{ atMs: wallMs - 120_000, seconds: 0 }];
      return Promise.resolve({ round: { ...seen, lag, atMs: performance.now(), wallMs }, missed: {} });
    },
    report: (asks) => {
      reports.push(asks);
      return Promise.resolve();
    },
    log: (line) => lines.push({ ...line }),
    signal: ending.signal,
    ...more,
    failover: async (signal) => {
      failovers += 1;
      await more.failover?.(signal);
    },
  });
  return { lines, reports, failovers };
}

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);
const eventsOf = (lines: readonly Record<string, unknown>[]) =>
  lines.map(({ event, verdict }) => (event === 'decision' ? verdict : event));

it('fails over once, and goes on watching the primary that it made', async () => {
  const looks = [...times(3, whole)];
  let promoted = false;
  const { lines, reports, failovers } = await run(
    [...looks, ...times(40, lost)].map((seen) => ({
      ...seen,
      get replica() {
        return !promoted;
      },
    })),
    {
      failover: () => {
        promoted = true;
        return Promise.resolve();
      },
    },
  );
  expect(failovers).toBe(1);
  expect(eventsOf(lines)).toEqual([
    'stay',
    'stay',
    'fail-over',
    'failover-started',
    'failover-done',
    'stay',
    'ended',
  ]);
  expect(reports).toEqual([false]);
});

it('only asks people when it observes', async () => {
  const { lines, reports, failovers } = await run([...times(3, whole), ...times(15, lost)], {
    mode: 'observe',
  });
  expect(failovers).toBe(0);
  expect(eventsOf(lines)).toEqual(['stay', 'stay', 'fail-over', 'ended']);
  expect(reports).toEqual([false, true]);
});

it('asks people when the failover fails, and tries again after another whole window', async () => {
  const { lines, reports, failovers } = await run([...times(3, whole), ...times(18, lost)], {
    failover: () =>
      Promise.reject(new TandemError('RegionUnreachable', { found: 'f', expected: 'e', next: 'n' })),
  });
  expect(failovers).toBeGreaterThanOrEqual(2);
  expect(failovers).toBeLessThanOrEqual(3);
  expect(lines.find(({ event }) => event === 'failover-failed')).toMatchObject({
    error: { code: 'RegionUnreachable', found: 'f' },
  });
  expect(reports).toContain(true);
});

it('asks nobody when the other of two autopilots is at it', async () => {
  const { lines, reports } = await run([...times(3, whole), ...times(12, lost)], {
    failover: () =>
      Promise.reject(new TandemError('OperationUnderWay', { found: 'f', expected: 'e', next: 'n' })),
  });
  expect(eventsOf(lines)).toContain('failover-elsewhere');
  expect(reports).not.toContain(true);
});

it('says once what did not change, with every gate and its input', async () => {
  const { lines } = await run(times(10, whole));
  expect(eventsOf(lines)).toEqual(['stay', 'ended']);
  const gates: Decision['gates'] = [
    { gate: 'verdict', held: false, seconds: 0, input: 'peer' },
    { gate: 'capacity', held: true, seconds: 0, input: 'enough nodes' },
  ];
  expect(lines[0]).toMatchObject({ mode: 'act', missed: {} });
  expect(lines[0]?.gates).toEqual(
    expect.arrayContaining(gates.map((gate): unknown => expect.objectContaining(gate))),
  );
});

it('goes on when people can not be told, and says so', async () => {
  const { lines } = await run(times(3, whole), { report: () => Promise.reject(new TypeError('no way out')) });
  expect(eventsOf(lines)).toEqual(['stay', ...times(3, 'report-failed'), 'ended']);
});

it('goes on from round to round while nobody answers what it tells', async () => {
  const hanging = () => new Promise<never>(() => undefined);
  const { failovers } = await run([...times(3, whole), ...times(18, lost)], { report: hanging });
  expect(failovers).toBeGreaterThan(0);
});
