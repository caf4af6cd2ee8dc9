import type { Observation } from '../../failover/clients';
import { Recorder } from '../../failover/recorder';

const recorded = (...events: readonly Parameters<Recorder['listen']>[0][]): Recorder => {
  const recorder = new Recorder();
  for (const event of events) recorder.listen(event);
  return recorder;
};

describe('the recorder', () => {
  it('keeps each phase with its notes; one that never ended has failed', () => {
    const { phases } = recorded(
      { type: 'phase-started', phase: 'detect', budgetSeconds: 13, atMs: 10 },
      { type: 'note', phase: 'detect', text: 'found', atMs: 12 },
      { type: 'phase-ended', phase: 'detect', outcome: 'done', atMs: 15 },
      { type: 'phase-started', phase: 'promote', budgetSeconds: 60, atMs: 16 },
      { type: 'note', phase: 'promote', text: 'latched', atMs: 17 },
    );
    expect(phases).toEqual([
      {
        name: 'detect',
        budgetSeconds: 13,
        startedAtMs: 10,
        endedAtMs: 15,
        outcome: 'done',
        notes: ['found'],
      },
      {
        name: 'promote',
        budgetSeconds: 60,
        startedAtMs: 16,
        endedAtMs: 16,
        outcome: 'failed',
        notes: ['latched'],
      },
    ]);
  });

  it('has a role last until the region’s next, and the last until the end', () => {
    const { roles, marks } = recorded(
      { type: 'role', region: 'east', role: 'active', atMs: 0 },
      { type: 'role', region: 'west', role: 'standby', atMs: 1 },
      { type: 'mark', label: 'killed', region: 'east', atMs: 5 },
      { type: 'role', region: 'east', role: 'down', atMs: 5 },
      { type: 'mark', label: 'end of the test', atMs: 7 },
    ).timeline([], 9);
    expect(roles).toEqual([
      { region: 'east', role: 'active', fromMs: 0, toMs: 5 },
      { region: 'west', role: 'standby', fromMs: 1, toMs: 9 },
      { region: 'east', role: 'down', fromMs: 5, toMs: 9 },
    ]);
    expect(marks).toEqual([
      { atMs: 5, label: 'killed', region: 'east' },
      { atMs: 7, label: 'end of the test' },
    ]);
  });

  it('counts what clients saw, a region and a quarter of a second at a time', () => {
    const seen = (
      atMs: number,
      region: string | undefined,
      kind: Observation['kind'],
      outcome: Observation['outcome'],
    ): Observation => ({ atMs, region, kind, outcome });
    const { samples, sampleMs } = recorded().timeline(
      [
        seen(501, 'east', 'read', 'acknowledged'),
        seen(1, undefined, 'write', 'failed'),
        seen(2, 'east', 'write', 'acknowledged'),
        seen(249.9, 'east', 'write', 'refused'),
        seen(250, 'east', 'write', 'failed'),
        seen(3, 'west', 'read', 'acknowledged'),
        seen(4, 'west', 'read', 'refused'),
        seen(5, 'west', 'read', 'failed'),
      ],
      600,
    );
    const none = { writesAcknowledged: 0, writesRefused: 0, readsAnswered: 0, failed: 0 };
    expect(sampleMs).toBe(250);
    expect(samples).toEqual([
      { ...none, atMs: 0, region: 'east', writesAcknowledged: 1, writesRefused: 1 },
      { ...none, atMs: 0, region: 'west', readsAnswered: 1, failed: 2 },
      { ...none, atMs: 250, region: 'east', failed: 1 },
      { ...none, atMs: 500, region: 'east', readsAnswered: 1 },
    ]);
  });
});
