import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processesOf } from '../support/orphans';
import { evidenceIn, Tandem } from '../support/tandem';

jest.setTimeout(240_000);

describe('a drill on real processes', () => {
  const started: Tandem[] = [];
  const run = (args: readonly string[], temporary?: string): Tandem => {
    const tandem = new Tandem(args, temporary);
    started.push(tandem);
    return tandem;
  };
  const drill = (...args: readonly string[]): Tandem => run(['drill', ...args, '--target', 'embedded']);

  afterAll(() => {
    for (const tandem of started) {
      tandem.child.kill('SIGKILL');
      tandem.remove();
    }
  });

  it('fails over and back, twice at once on one machine, and lists exactly what was lost', async () => {
    const blackout = drill('production', '--json');
    const kill = drill('staging', '--scenario', 'kill', '--json');
    for (const tandem of [blackout, kill]) {
      const { code, output } = await tandem.ended;
      const { outcome, error, movements, fence, phases, timeline } = evidenceIn(output);
      expect({ outcome, error }).toEqual({ outcome: 'met', error: undefined });
      expect(code).toBe(0);
      expect(phases.map(({ outcome: ended }) => ended)).toEqual(phases.map(() => 'done'));
      expect(fence).toMatchObject({ accepted: 0 });
      expect(fence?.refused).toBeGreaterThan(20);
      const [over, back] = movements;
      expect([over?.kind, back?.kind]).toEqual(['failover', 'switchover']);
      expect(back?.lostWrites).toEqual([]);
      const parts = over?.rto;
      expect(
        (parts?.detectSeconds ?? 0) +
          (parts?.promoteSeconds ?? 0) +
          (parts?.routeSeconds ?? 0) +
          (parts?.firstWriteSeconds ?? 0),
      ).toBeCloseTo(parts?.totalSeconds ?? -1, 6);
      expect(timeline.samples.some(({ writesRefused }) => writesRefused > 0)).toBe(true);
      expect(tandem.leftovers()).toEqual([]);
      expect(processesOf(tandem.scratch)).toEqual([]);
    }
    // Half a second without a link under 40 writes a second: some are gone, and the dead region still has each of them.
    const [over] = evidenceIn(blackout.output).movements;
    expect(over?.lostWrites.length).toBeGreaterThan(5);
    expect(over?.lostWrites.every(({ onFencedRegion }) => onFencedRegion)).toBe(true);
    expect(over?.lostWrites.every(({ secondsBeforeFault }) => secondsBeforeFault < 1)).toBe(true);
  });

  it.each([
    ['SIGINT', 130, 'us-west-2 streams'],
    ['SIGTERM', 143, 'link cut'],
    ['SIGHUP', 129, 'base backup'],
  ] as const)('ends on %s with code %i and leaves nothing but evidence', async (signal, expected, moment) => {
    const tandem = drill('dev');
    await tandem.said(moment);
    tandem.child.kill(signal);
    const { code, output } = await tandem.ended;
    expect(code).toBe(expected);
    expect(output).toMatch(/[Ii]nterrupted/);
    expect(tandem.leftovers()).toEqual([]);
    expect(processesOf(tandem.scratch)).toEqual([]);
  });

  const script = spawnSync('script', ['--version']).status === 0;
  (script ? it : it.skip)('ends in order on Ctrl-C in a terminal (needs script, of util-linux)', async () => {
    const tandem = new Tandem(['drill', 'dev', '--target', 'embedded'], undefined, true);
    started.push(tandem);
    await tandem.said('✔ preflight');
    tandem.type('\u0003');
    const { code, output } = await tandem.ended;
    expect(output).toMatch(/Interrupted during/);
    expect(code).toBe(130);
    expect(tandem.leftovers()).toEqual([]);
    expect(processesOf(tandem.scratch)).toEqual([]);
  });

  it('cleans up after a drill whose runner was killed, and says so', async () => {
    const killed = drill('dev');
    await killed.said('link cut');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(processesOf(killed.scratch).length).toBeGreaterThan(0);
    const next = run(['drill', 'dev', '--target', 'embedded'], killed.scratch);
    await next.said('us-west-2 streams');
    expect(next.output).toMatch(/died in phase \w+: [1-9]\d* processes ended, folder removed/);
    next.child.kill('SIGINT');
    await next.ended;
    expect(processesOf(killed.scratch)).toEqual([]);
    expect(killed.leftovers()).toEqual([]);
  });

  it('says TempNotWritable where no temporary file can be written', async () => {
    const blocked = new Tandem(['version']);
    const file = join(blocked.scratch, 'a-file');
    writeFileSync(file, '');
    const { code, output } = await run(['drill', 'dev', '--target', 'embedded'], file).ended;
    expect({ code, said: /TempNotWritable/.test(output) }).toEqual({ code: 1, said: true });
    blocked.remove();
  });
});
