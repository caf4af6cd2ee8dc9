import { loadEnvironment } from '../../environments';
import { type Evidence, evidenceSchema } from '../../failover/evidence/record';
import { evidenceMarkdown } from '../../failover/evidence/markdown';
import { evidenceHtml } from '../../failover/evidence/html';
import { summaryLines } from '../../failover/evidence/summary';
import { rehearse, type RehearsalOptions } from '../../failover/operations/drill';
import type { Operation, Step } from '../../failover/operations/operation';
import { perform } from '../../failover/operations/runner';
import { Route } from '../../failover/requests';
import { TandemError } from '../../lib/errors';
import { FakeAws } from '../support/fake-aws';
import { FakeRegion } from '../support/fake-region';
import { freePort } from '../support/regional-servers';
import { secureAgent, SecureServer } from '../support/secure-server';

const loaded = loadEnvironment('dev');
if (loaded.target !== 'aws') throw new TypeError('dev is on AWS');
const dev = loaded;
const [east, west] = dev.regions;
const signal = AbortSignal.any([]);

const step = (name: string, more: Partial<Step> = {}): Step => ({
  name,
  title: name,
  region: west,
  budget: { name, seconds: 30 },
  calls: [],
  asks: [],
  after: `${name} is done`,
  ...more,
});

const after = (ms: number, says: boolean | string = true): Pick<Step, 'done'> => {
  let since: number | undefined;
  return {
    done: () => {
      since ??= Date.now();
      return Promise.resolve(Date.now() - since >= ms && says);
    },
  };
};

/** An operation of steps that a test makes up, in a journal that is a fake's. */
const operation = (
  name: Operation['name'],
  steps: readonly Step[],
  more: Partial<Operation> = {},
): Operation => ({
  name,
  environment: 'dev',
  from: east,
  to: west,
  needsBoth: false,
  supersedes: [],
  command: `tandem ${name} dev`,
  preflight: () => Promise.resolve(['postgres was 2 s behind']),
  holds: () => Promise.resolve(true),
  steps,
  ...more,
});

const switchover = (...promotion: readonly Step[]): Operation =>
  operation('switchover', [
    step('open-latch'),
    step('close-latch'),
    step('stop-writes'),
    step('drain', after(0, 'it has all from before 12:00')),
    ...(promotion.length > 0 ? promotion : [step('promote-database')]),
  ]);

const rebuild = (...steps: readonly Step[]): Operation =>
  operation('rebuild', [step('replace-stores'), ...steps, step('declare-standby')]);

interface Drilled {
  readonly evidence: Evidence;
  readonly kept: readonly Evidence[];
}

async function drill(options: Partial<RehearsalOptions> = {}): Promise<Drilled> {
  const aws = new FakeAws({});
  const kept: Evidence[] = [];
  const evidence = await rehearse({
    run: 'by hand',
    environment: dev,
    aws,
    move: switchover(),
    doors: 'no client load: none was asked for',
    perform: (each) => perform(each, { aws, listeners: [], signal }),
    reconcile: (opened) => {
      opened();
      return Promise.resolve();
    },
    rebuild: () => Promise.resolve(rebuild()),
    keep: (each) => Promise.resolve(kept.push(each)),
    signal,
    ...options,
  });
  return { evidence: evidenceSchema.parse(JSON.parse(JSON.stringify(evidence))), kept };
}

describe('a drill by operations', () => {
  it('is whole: each step a phase, and what stands between the operations', async () => {
    const { evidence } = await drill();
    expect(evidence).toMatchObject({ outcome: 'met', target: 'aws', scenario: 'switchover', shortened: [] });
    expect(evidence.phases.map(({ name }) => name)).toEqual([
      ...['open-latch', 'close-latch', 'stop-writes', 'drain', 'promote-database'].map(
        (each) => `switchover: ${each}`,
      ),
      'reconcile',
      'rebuild: replace-stores',
      'rebuild: declare-standby',
    ]);
    const roles = evidence.timeline.roles.map(({ region, role }) => `${region} ${role}`);
    expect(roles).toEqual([
      ...[`${east} active`, `${west} standby`, `${east} fenced`],
      ...[`${west} active`, `${east} rebuilding`, `${east} standby`],
    ]);
  });

  it('counts no writes without clients, and says by what the standby was complete', async () => {
    const { evidence } = await drill({ move: switchover(step('promote-database', after(900))) });
    const [movement] = evidence.movements;
    expect(movement?.noLoad).toBe('no client load: none was asked for; it has all from before 12:00');
    expect(evidence.objectives.map(({ name }) => name)).toEqual(['RTO']);
    expect(movement?.rto.totalSeconds).toBeGreaterThan(0.9);
    for (const read of [evidenceMarkdown, evidenceHtml, (each: Evidence) => summaryLines(each).join('\n')]) {
      const text = read(evidence).replaceAll(/\s+/g, ' ');
      expect(text).toContain('No writes were counted; no client load');
      expect(text).not.toMatch(/Nothing was lost|first write|detect/);
    }
  });

  it('misses an objective', async () => {
    const environment = { ...dev, objectives: { ...dev.objectives, rtoSeconds: 1 } };
    const move = switchover(step('promote-database', after(1500)));
    const { evidence } = await drill({ environment, move });
    expect(evidence).toMatchObject({ outcome: 'missed', objectives: [{ name: 'RTO', met: false }] });
  });

  it('keeps the movement before the rebuild overwrites its journal, and says where that failed', async () => {
    const refuse = () =>
      Promise.reject(new TandemError('TerraformFailed', { found: 'no', expected: 'a plan', next: 'see' }));
    const { evidence, kept } = await drill({
      rebuild: () => Promise.resolve(rebuild(step('apply', { run: refuse }))),
    });
    expect(kept).toMatchObject([{ outcome: 'interrupted', movements: [{ kind: 'switchover' }] }]);
    expect(evidence).toMatchObject({ outcome: 'failed', error: { code: 'OperationHalted' } });
    expect(evidence.phases.slice(-2)).toMatchObject([
      { name: 'rebuild: replace-stores', outcome: 'done' },
      { name: 'rebuild: apply', outcome: 'failed' },
    ]);
    expect(evidence.movements[0]?.rto).toEqual(kept[0]?.movements[0]?.rto);
  });

  it('is no drill when it may not start', async () => {
    const refused = new TandemError('OperationRefused', {
      found: 'a replica',
      expected: 'none',
      next: 'wait',
    });
    const move = operation('failover', [step('close-latch')], { preflight: () => Promise.reject(refused) });
    await expect(drill({ move })).rejects.toBe(refused);
  });

  it('of a failover to the first region ends where reconcile lets that in', async () => {
    const move = operation('failover', [step('close-latch'), step('promote-database')], {
      from: west,
      to: east,
    });
    const reconcile: RehearsalOptions['reconcile'] = async (opened) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      opened();
    };
    const { evidence } = await drill({ move, reconcile });
    expect(evidence.movements[0]?.rto.routeSeconds).toBeGreaterThan(0.69);
    expect(evidence.movements[0]?.noLoad).toContain('before it began, postgres was 2 s behind');
    const halfway = drill({ move, reconcile: () => Promise.reject(new TypeError('no plan')) });
    expect((await halfway).evidence).toMatchObject({ outcome: 'failed', movements: [], objectives: [] });
  });
});

describe('clients of an environment on AWS', () => {
  let regions: Record<'east' | 'west', FakeRegion>;
  let port: number;
  const statuses = { refused: 503, listed: 200 };
  /** Whether what the east took after it was told to stop reaches the west. */
  let replicated = true;
  beforeEach(async () => {
    port = await freePort();
    const take = (own: 'east' | 'west') => (row: Parameters<FakeRegion['rows']['set']>[1]) => {
      if (!regions[own].primary) return false;
      regions[own].rows.set(row.id, row);
      if (own === 'west' || replicated) regions.west.rows.set(row.id, row);
      return true;
    };
    regions = {
      east: new FakeRegion(east, '127.7.7.1', port, take('east'), statuses),
      west: new FakeRegion(west, '127.7.7.2', port, take('west'), statuses),
    };
    replicated = true;
    regions.east.primary = true;
    await Promise.all([regions.east.up(), regions.west.up()]);
  });
  afterEach(async () => {
    await Promise.all([regions.east.down(), regions.west.down()]);
  });

  const doors = () => ({
    // The second is asked first; a refusal is asked of the other.
    open: { host: 'app.test', port, via: { addresses: ['127.7.7.2', '127.7.7.1'] } },
    pinned: (region: string) => ({
      host: region,
      port,
      via: { addresses: [region === east ? '127.7.7.1' : '127.7.7.2'] },
    }),
  });
  const move = (): Operation =>
    operation('switchover', [
      step('open-latch', after(1500)),
      step('close-latch'),
      step('stop-writes', { run: () => Promise.resolve(((regions.east.primary = false), undefined)) }),
      step('drain', after(900)),
      step('promote-database', { run: () => Promise.resolve(((regions.west.primary = true), undefined)) }),
    ]);

  it('measure what they waited for, and lose nothing', async () => {
    const { evidence } = await drill({ doors: doors(), move: move() });
    const [movement] = evidence.movements;
    expect(movement).not.toHaveProperty('noLoad');
    expect(movement).toMatchObject({ lostWrites: [] });
    expect(movement?.acknowledgedWrites).toBeGreaterThan(0);
    expect(movement?.rto.totalSeconds).toBeGreaterThan(0.9);
    expect(movement?.rto.totalSeconds).toBeLessThan(5);
    expect(evidence.objectives.map(({ name, met }) => `${name} ${met}`)).toEqual([
      'RTO true',
      'Writes lost by the switchover true',
    ]);
    expect(evidence.timeline.samples.length).toBeGreaterThan(4);
  });

  it('list what was acknowledged and is missing', async () => {
    replicated = false;
    const { evidence } = await drill({ doors: doors(), move: move() });
    expect(evidence.movements[0]?.lostWrites.length).toBeGreaterThan(0);
    expect(evidence).toMatchObject({ outcome: 'missed' });
  });

  it('are none where nobody answers, or another region does', async () => {
    const { open, pinned } = doors();
    const nobody = { open: { ...open, via: { addresses: ['127.7.7.3'] } }, pinned };
    const first = await drill({ doors: nobody });
    expect(first.evidence.movements[0]?.noLoad).toContain('the workload does not answer at app.test');
    const moved = { open: pinned(west), pinned };
    const second = await drill({ doors: moved });
    expect(second.evidence.movements[0]?.noLoad).toContain(`it is ${west} that answers`);
  });

  it('speak HTTPS where that is asked for', async () => {
    const server = new SecureServer();
    const at = await server.start('127.0.0.1', 0);
    const door = { host: 'app.test', port: at, via: { addresses: ['127.0.0.1'] } };
    try {
      expect((await new Route({ ...door, tls: secureAgent() }).send('GET', '/ready')).status).toBe(200);
      await expect(new Route(door).send('GET', '/ready')).rejects.toThrow();
    } finally {
      await server.stop();
    }
  });
});
