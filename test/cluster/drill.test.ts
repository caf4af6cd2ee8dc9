import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from '../../failover/drill';
import { phasesOf } from '../../failover/engine';
import { type Evidence, evidenceSchema } from '../../failover/evidence/record';
import { type Ended, tandem } from '../emulator/command';
import { contexts, missing } from './clusters';

// Each drill waits for Route 53's rules in real time, and a node that lost its power for its pods.
jest.setTimeout(900_000);

const lack = missing();
const title = 'drills on two clusters';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tandem-cluster-'));
  const run = (...args: readonly string[]): Promise<Ended> => tandem(args, process.env, { cwd });
  const drill = async (scenario: Scenario): Promise<Evidence> => {
    const { output } = await run('drill', 'local', '--scenario', scenario, '--json');
    return evidenceSchema.parse(JSON.parse(output));
  };
  const planIsEmpty = async (): Promise<void> => {
    const { code, output } = await run('plan', 'local');
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  };

  beforeAll(async () => {
    const { TANDEM_IMAGES } = process.env;
    const images = TANDEM_IMAGES === undefined ? [] : ['--images', TANDEM_IMAGES];
    const up = await run('up', 'local', '--contexts', contexts.join(','), ...images, '--yes');
    expect(up).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await run('down', 'local', '--yes');
    rmSync(cwd, { recursive: true, force: true });
  });

  it.each<Scenario>(['blackout', 'kill', 'freeze', 'partition'])(
    '%s: over and back, the fence held, nothing left to apply',
    async (scenario) => {
      const { outcome, error, phases, movements, fence, target } = await drill(scenario);
      expect({ outcome, error }).toEqual({ outcome: 'met', error: undefined });
      expect(target).toBe('kubernetes');
      expect(phases.map(({ name }) => name)).toEqual(phasesOf(scenario).map(({ name }) => name));
      expect(movements.map(({ kind }) => kind)).toEqual(['failover', 'switchover']);
      const [over, back] = movements;
      // Three checks, ten seconds apart: no failover here is faster than its detection.
      expect(over?.rto.totalSeconds).toBeGreaterThan(20);
      expect(over?.rto.totalSeconds).toBeLessThan(120);
      expect(back?.lostWrites).toEqual([]);
      expect(fence).toMatchObject({ accepted: 0 });
      expect(fence?.refused).toBeGreaterThan(10);
      expect(scenario === 'partition' || fence?.letThrough === 0).toBe(true);
      expect(over?.lostWrites.every(({ onFencedRegion }) => onFencedRegion)).toBe(true);
      await planIsEmpty();
    },
  );

  it.each<Scenario>(['pods', 'postgres'])(
    '%s: the cluster mends itself, and nothing is lost',
    async (scenario) => {
      const { outcome, error, movements } = await drill(scenario);
      expect({ outcome, error }).toEqual({ outcome: 'met', error: undefined });
      expect(movements).toMatchObject([{ kind: 'recovery', lostWrites: [] }]);
      expect(movements[0]?.rto.totalSeconds).toBeGreaterThan(0.5);
      await planIsEmpty();
    },
  );

  it('undoes a drill that was killed after its failover, and drills', async () => {
    await tandem(['drill', 'local', '--scenario', 'kill'], process.env, {
      cwd,
      until: { says: '✔ verify', signal: 'SIGKILL' },
    });
    const { outcome, error, phases } = await drill('postgres');
    expect({ outcome, error }).toEqual({ outcome: 'met', error: undefined });
    expect(phases[0]?.notes.join('\n')).toMatch(/died in phase (verify|fence)[^]*switching over to it/);
    await planIsEmpty();
  });

  it('leaves evidence of each drill, in three readings', () => {
    const folders = readdirSync(join(cwd, 'evidence'));
    expect(folders.length).toBeGreaterThan(5);
    for (const folder of folders) {
      const read = (file: string): string => readFileSync(join(cwd, 'evidence', folder, file), 'utf8');
      expect(evidenceSchema.parse(JSON.parse(read('evidence.json'))).environment).toBe('local');
      expect([read('evidence.md'), read('evidence.html')].every((text) => text.includes('kubernetes'))).toBe(
        true,
      );
    }
  });
});
