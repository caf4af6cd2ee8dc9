import { evidenceSchema, type Evidence, type LostWrite } from '../../failover/evidence/record';

/** Fixtures: records written by hand in the shape of a drill's. Nothing in them was measured. */

const [east, west] = ['us-east-1', 'us-west-2'];
const sampleMs = 500;

const phase = (name: string, budgetSeconds: number, startedAtMs: number, endedAtMs: number) => ({
  name,
  budgetSeconds,
  startedAtMs,
  endedAtMs,
  outcome: 'done' as const,
  notes: [],
});

type Sample = Evidence['timeline']['samples'][number];

/** While clients can not write, between the last acknowledged write and the first of each movement. */
const gaps = [
  { fromMs: 12_020, toMs: 18_520 },
  { fromMs: 42_590, toMs: 43_420 },
];
const writable = (atMs: number): boolean => !gaps.some(({ fromMs, toMs }) => fromMs < atMs && atMs < toMs);

/** What clients see of a region at a time, from its role there. */
const sample = (region: string, atMs: number, role: string): Sample => ({
  atMs,
  region,
  writesAcknowledged: role === 'active' && writable(atMs) ? 18 + ((atMs / sampleMs) % 5) : 0,
  writesRefused: role === 'fenced' ? 6 : 0,
  readsAnswered: role === 'down' ? 0 : 12 + ((atMs / sampleMs) % 3),
  failed: role === 'down' ? 9 : 0,
});

const roles: Evidence['timeline']['roles'] = [
  { region: east, role: 'active', fromMs: 1_900, toMs: 12_050 },
  { region: east, role: 'down', fromMs: 12_050, toMs: 22_300 },
  { region: east, role: 'fenced', fromMs: 22_300, toMs: 31_500 },
  { region: east, role: 'rebuilding', fromMs: 31_500, toMs: 41_000 },
  { region: east, role: 'standby', fromMs: 41_000, toMs: 43_420 },
  { region: east, role: 'active', fromMs: 43_420, toMs: 47_300 },
  { region: west, role: 'standby', fromMs: 1_900, toMs: 17_180 },
  { region: west, role: 'active', fromMs: 17_180, toMs: 42_600 },
  { region: west, role: 'standby', fromMs: 42_600, toMs: 47_300 },
];

const samplesUntil = (endMs: number): Sample[] =>
  roles.flatMap(({ region, role, fromMs, toMs }) => {
    const first = Math.ceil(fromMs / sampleMs);
    const until = Math.min(toMs, endMs) / sampleMs;
    const length = Math.max(0, Math.ceil(until) - first);
    return Array.from({ length }, (_, index) => sample(region, (first + index) * sampleMs, role));
  });

/** `count` lost writes with ids that can be told apart in any reading. */
export const lostWrites = (count: number): LostWrite[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `w-${String(index + 1).padStart(4, '0')}-7d3f`,
    acknowledgedAtMs: 11_700 + index,
    secondsBeforeFault: 0.35 - index / 1000,
    onFencedRegion: index % 3 === 2 ? null : index % 3 === 0,
  }));

/** A whole drill: over, fenced, rebuilt, back; three writes lost, every objective met. */
export const drillFixture: Evidence = evidenceSchema.parse({
  schema: 'tandem/evidence/v1',
  run: '2026-03-01-0930-region-loss',
  tandemVersion: '0.1.0',
  environment: 'local',
  target: 'embedded',
  scenario: 'region-loss',
  startedAt: '2026-03-01T09:30:00Z',
  durationSeconds: 47.3,
  regions: [east, west],
  machine: { platform: 'linux x64', cpus: 8, node: '22.12.0', postgres: '17.10', cache: 'valkey 8.1.1' },
  timing: { healthCheckIntervalSeconds: 1, failureThreshold: 3, ttlSeconds: 1 },
  shortened: [
    { what: 'Health check interval', production: '30 s', here: '1 s', withheldSeconds: 87 },
    { what: 'DNS TTL of the failover records', production: '60 s', here: '1 s', withheldSeconds: 59 },
    { what: 'Verify under load', production: '600 s', here: '3 s', withheldSeconds: 0 },
  ],
  outcome: 'met',
  phases: [
    {
      ...phase('preflight', 30, 0, 1_900),
      notes: ['replication lag 0.02 s', 'latches open in both regions'],
    },
    phase('baseline', 30, 1_900, 12_000),
    { ...phase('inject', 5, 12_000, 12_100), notes: [`killed 4 processes of ${east}`] },
    phase('detect', 120, 12_100, 15_310),
    phase('promote', 60, 15_310, 17_180),
    phase('route', 90, 17_180, 18_520),
    phase('verify', 30, 18_520, 22_000),
    phase('fence', 60, 22_000, 30_100),
    { ...phase('reconcile', 60, 30_100, 31_500), notes: [`roles.json: ${west} is active`] },
    phase('rebuild', 300, 31_500, 41_000),
    phase('switchover', 60, 41_000, 46_900),
    phase('report', 10, 46_900, 47_300),
  ],
  movements: [
    {
      kind: 'failover',
      from: east,
      to: west,
      startedAtMs: 12_050,
      lastWriteBeforeAtMs: 12_020,
      firstWriteAfterAtMs: 18_520,
      rto: {
        detectSeconds: 3.29,
        promoteSeconds: 1.87,
        routeSeconds: 1.23,
        firstWriteSeconds: 0.11,
        totalSeconds: 6.5,
      },
      acknowledgedWrites: 412,
      lostWrites: lostWrites(3),
      unacknowledgedPresent: 1,
      lossWindowSeconds: 0.35,
    },
    {
      kind: 'switchover',
      from: west,
      to: east,
      startedAtMs: 42_600,
      lastWriteBeforeAtMs: 42_590,
      firstWriteAfterAtMs: 43_420,
      rto: {
        detectSeconds: 0.01,
        promoteSeconds: 0.44,
        routeSeconds: 0.3,
        firstWriteSeconds: 0.08,
        totalSeconds: 0.83,
      },
      acknowledgedWrites: 1_393,
      lostWrites: [],
      unacknowledgedPresent: 0,
      lossWindowSeconds: 0,
    },
  ],
  fence: {
    region: east,
    attempts: 161,
    unreachable: 50,
    refused: 111,
    letThrough: 0,
    accepted: 0,
    reasons: { 'epoch is behind the peer’s': 82, 'the failover name resolves to the peer': 29 },
    heldSeconds: 9.2,
  },
  objectives: [
    { name: 'RTO', unit: 's', objective: 300, measured: 6.5, counted: 152.5, met: true },
    { name: 'RPO', unit: 's', objective: 1, measured: 0.35, counted: 0.35, met: true },
  ],
  timeline: {
    sampleMs,
    samples: samplesUntil(47_300),
    marks: [
      { atMs: 12_050, label: 'fault', region: east },
      { atMs: 15_310, label: 'verdict unhealthy', region: east },
      { atMs: 17_180, label: 'promoted', region: west },
      { atMs: 18_410, label: 'DNS answers the new region' },
      { atMs: 18_520, label: 'first write', region: west },
      { atMs: 22_300, label: 'old region returns', region: east },
      { atMs: 41_000, label: 'standby again', region: east },
      { atMs: 42_600, label: 'switchover begins', region: west },
      { atMs: 43_420, label: 'first write', region: east },
    ],
    roles,
  },
  simulated: ['A region’s loss is the killing of its processes, not of its power or network.'],
  next: ['tandem status local', 'tandem drill local'],
});

const [failover, switchover] = drillFixture.movements;

/** The same drill with `count` lost writes. */
export const lostFixture = (count: number): Evidence =>
  evidenceSchema.parse({
    ...drillFixture,
    movements: [
      { ...failover, lostWrites: lostWrites(count), lossWindowSeconds: count === 0 ? 0 : 0.35 },
      switchover,
    ],
  });

/** Came back too late and lost too much. */
export const missedFixture: Evidence = evidenceSchema.parse({
  ...lostFixture(24),
  outcome: 'missed',
  objectives: [
    { name: 'RTO', unit: 's', objective: 120, measured: 6.5, counted: 152.5, met: false },
    { name: 'RPO', unit: 's', objective: 0.1, measured: 0.35, counted: 0.35, met: false },
  ],
});

const cut = (endMs: number): Pick<Evidence, 'durationSeconds' | 'phases' | 'timeline'> => ({
  durationSeconds: endMs / 1000,
  phases: drillFixture.phases.flatMap((each) =>
    each.startedAtMs >= endMs
      ? []
      : each.endedAtMs > endMs
        ? [{ ...each, endedAtMs: endMs, outcome: 'failed' as const }]
        : [each],
  ),
  timeline: {
    sampleMs,
    samples: samplesUntil(endMs),
    marks: drillFixture.timeline.marks.filter((mark) => mark.atMs < endMs),
    roles: roles.flatMap((role) =>
      role.fromMs >= endMs ? [] : [{ ...role, toMs: Math.min(role.toMs, endMs) }],
    ),
  },
});

/** Promotion never ended: no movement, no fence, no objective, an error. */
export const failedFixture: Evidence = evidenceSchema.parse({
  ...drillFixture,
  fence: undefined,
  ...cut(16_800),
  outcome: 'failed',
  movements: [],
  objectives: [],
  error: {
    code: 'ProcessDied',
    found: `PostgreSQL of ${west} ended with exit code 1`,
    expected: 'a server that takes writes',
    next: 'read the log of the standby’s PostgreSQL, then run the drill again',
  },
  next: ['tandem drill local'],
});

/** Somebody ended the runner while it waited for the verdict. */
export const interruptedFixture: Evidence = evidenceSchema.parse({
  ...drillFixture,
  fence: undefined,
  ...cut(14_000),
  outcome: 'interrupted',
  movements: [],
  objectives: [],
  next: ['tandem drill local'],
});
