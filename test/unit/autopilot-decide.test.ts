import { loadEnvironment } from '../../environments';
import { promotionSeconds, timingOf, verdictSeconds } from '../../environments/autopilot';
import { type Decision, decide, type Memory } from '../../failover/autopilot/decide';
import { lag, type Looks, lost, noon, whole, without } from '../support/autopilot-looks';

const production = loadEnvironment('production');
const timing = timingOf(production);
/** Rounds of 5 s; an entry is what each of `rounds` rounds sees, `skip` seconds later than usual, the wall clock moved by `jump` seconds. */
interface Spell {
  readonly looks: Looks;
  readonly rounds: number;
  readonly skip?: number;
  readonly jump?: number;
}

function watchOver(...spells: readonly Spell[]): readonly Decision[] {
  let memory: Memory = { since: {} };
  let atMs = 0;
  let offset = noon;
  const decisions: Decision[] = [];
  for (const { looks, rounds, skip = 0, jump = 0 } of spells) {
    atMs += skip * 1000;
    offset += jump * 1000;
    for (let round = 0; round < rounds; round += 1) {
      const judged = decide(memory, { ...looks, atMs, wallMs: atMs + offset }, timing);
      memory = judged.memory;
      decisions.push(judged.decision);
      atMs += 5000;
    }
  }
  return decisions;
}

const verdictsOf = (decisions: readonly Decision[]) => [...new Set(decisions.map(({ verdict }) => verdict))];
const healthy: Spell = { looks: whole, rounds: 3 };
const dark = (looks: Partial<Looks>, rounds = 20): Spell => ({ looks: { ...lost, ...looks }, rounds });

describe('the stated time', () => {
  it('fits detection, decision and promotion into production’s RTO', () => {
    expect(timing).toEqual({ window: 30, patience: 150, gap: 15, rpo: 30 });
    expect(verdictSeconds(production) + timing.window + promotionSeconds).toBeLessThanOrEqual(
      production.objectives.rtoSeconds,
    );
  });

  it('is Route 53’s own where the RTO is long, and never less than three rounds', () => {
    const { healthCheck, dns, objectives } = production;
    const of = (rtoSeconds: number) =>
      timingOf({ healthCheck, dns, objectives: { ...objectives, rtoSeconds } }).window;
    expect(of(86_400)).toBe(90);
    expect(of(121)).toBe(15);
  });
});

describe('a lost region', () => {
  it('is failed over once every gate has held for the window, and not before', () => {
    const decisions = watchOver(healthy, dark({}, 8));
    const first = decisions.findIndex(({ verdict }) => verdict === 'fail-over');
    // Three healthy rounds; the first dark one is at 0 s, the seventh at 30 s.
    expect(first).toBe(3 + 6);
    expect(verdictsOf(decisions.slice(0, first))).toEqual(['stay']);
    expect(decisions[first]?.gates.every(({ held, seconds }) => held === true && seconds >= 30)).toBe(true);
  });

  it('is failed over within the RTO when Route 53 takes its longest', () => {
    const before = verdictSeconds(production) / 5;
    const decisions = watchOver(healthy, dark({ witness: 'peer' }, before), dark({}));
    const first = decisions.findIndex(({ verdict }) => verdict === 'fail-over');
    expect((first - 3) * 5 + promotionSeconds).toBeLessThanOrEqual(production.objectives.rtoSeconds);
    expect(verdictsOf(decisions.slice(0, first))).toEqual(['stay']);
  });

  it('is failed over although lag grew with the clock after the loss', () => {
    const points = [...lag(1), { atMs: noon, seconds: 55 }, { atMs: noon + 60_000, seconds: 115 }];
    const decisions = watchOver(healthy, dark({ lag: points }));
    expect(decisions.at(-1)?.verdict).toBe('fail-over');
  });

  it('takes up a failover to here that its runner left', () => {
    expect(watchOver(healthy, dark({ operation: 'half-done' })).at(-1)?.verdict).toBe('fail-over');
  });
});

describe('a near miss', () => {
  const flapping = Array.from({ length: 12 }, () => [dark({}, 5), dark({ witness: 'peer' }, 1)]).flat();

  const rows: [what: string, verdict: 'stay' | 'ask', spells: readonly Spell[], reason: RegExp][] = [
    [
      'a flapping check, while the region serves',
      'stay',
      [
        healthy,
        { looks: { ...whole, witness: 'own' }, rounds: 5 },
        healthy,
        { looks: { ...whole, witness: 'own' }, rounds: 5 },
        healthy,
      ],
      /no sign/,
    ],
    ['a flapping check, while the region is dark', 'ask', [healthy, ...flapping], /150 s/],
    ['Route 53 sees nothing', 'ask', [healthy, dark({ witness: 'peer' }, 40)], /not: verdict/],
    [
      'only Route 53 sees something',
      'ask',
      [healthy, { looks: { ...whole, witness: 'own' }, rounds: 40 }],
      /not: dark/,
    ],
    [
      'the standby is isolated: DNS silent',
      'ask',
      [healthy, { looks: without('witness'), rounds: 40 }],
      /not: verdict, connected/,
    ],
    [
      'the standby is isolated: the edge silent',
      'ask',
      [healthy, dark({ edgeAnswers: false })],
      /not: connected/,
    ],
    [
      'the standby is isolated: nobody knows of the edge',
      'ask',
      [healthy, { looks: without('edgeAnswers'), rounds: 20 }],
      /not: connected/,
    ],
    [
      'the standby is isolated: its own API silent',
      'ask',
      [healthy, { looks: without('replica'), rounds: 20 }],
      /not: replica, connected/,
    ],
    [
      'a deployment: workload down, database fine',
      'ask',
      [healthy, dark({ peerDatabaseAnswers: true })],
      /not: database-silent/,
    ],
    [
      'nobody knows of the database',
      'ask',
      [healthy, { looks: without('peerDatabaseAnswers'), rounds: 20 }],
      /not: database-silent/,
    ],
    ['too far behind', 'ask', [healthy, dark({ lag: lag(31) })], /not: within-rpo/],
    ['replication does not run', 'ask', [healthy, dark({ lag: lag(-1) })], /not: within-rpo/],
    ['no word about lag', 'ask', [healthy, dark({ lag: [] })], /not: within-rpo/],
    [
      'lag known only from long before',
      'ask',
      [healthy, dark({ lag: [{ atMs: noon - 400_000, seconds: 0 }] })],
      /not: within-rpo/,
    ],
    ['started after the loss', 'ask', [dark({})], /not: within-rpo/],
    [
      'a switchover under way',
      'stay',
      [healthy, dark({ operation: 'under-way' }, 60)],
      /operation is under way/,
    ],
    [
      'a switchover that nobody is at any more',
      'ask',
      [healthy, dark({ operation: 'abandoned' })],
      /not: no-operation/,
    ],
    ['already promoted', 'stay', [healthy, dark({ replica: false })], /a primary/],
    [
      'promoted by a failover that is not done',
      'ask',
      [healthy, dark({ replica: false, operation: 'half-done' })],
      /not done/,
    ],
    ['its own region does not serve', 'ask', [healthy, dark({ ownServes: false })], /not: own-serves/],
    ['too few nodes', 'ask', [healthy, dark({ clusterObjections: ['9 nodes of 10'] })], /not: capacity/],
    ['the wall clock jumps', 'ask', [healthy, dark({}, 3), { ...dark({}), jump: 3600 }], /not: within-rpo/],
  ];
  it.each(rows)('%s: %s', (_what, verdict, spells, reason) => {
    const decisions = watchOver(...spells);
    expect(verdictsOf(decisions)).not.toContain('fail-over');
    const last = decisions.at(-1);
    expect(last?.verdict).toBe(verdict);
    expect(last?.reason).toMatch(reason);
  });

  it('of rounds that are missing: the window begins again', () => {
    const decisions = watchOver(healthy, dark({}, 6), { ...dark({}, 6), skip: 16 });
    expect(verdictsOf(decisions)).toEqual(['stay']);
    expect(decisions.flatMap(({ interrupted }, at) => (interrupted ? [[at, interrupted]] : []))).toEqual([
      [9, 'gap'],
    ]);
    expect(watchOver(healthy, dark({}, 6), { ...dark({}, 7), skip: 16 }).at(-1)?.verdict).toBe('fail-over');
  });
});
