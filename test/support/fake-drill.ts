import { loadEnvironment } from '../../environments';
import { type DrillOptions, runDrill } from '../../failover/engine';
import { type Evidence, evidenceSchema } from '../../failover/evidence/record';
import type { DrillEvent } from '../../failover/events';
import { type Behaviour, FakeTarget } from './fake-target';

export const environment = loadEnvironment('production');
export const [first, second] = environment.regions;

export interface Drilled {
  readonly evidence: Evidence;
  readonly events: readonly DrillEvent[];
  readonly target: FakeTarget;
}

/** Drills a fake pair, active in the first region unless `active` says otherwise; the evidence is as its readers parse it. */
export async function drillFake(
  behaviour: Behaviour = {},
  { active = first, ...options }: Partial<DrillOptions> & { readonly active?: string } = {},
): Promise<Drilled> {
  const target = await FakeTarget.start(environment.regions, behaviour);
  const events: DrillEvent[] = [];
  const evidence = await runDrill({
    run: 'fake',
    environment,
    roles: Object.fromEntries(
      environment.regions.map((region) => [
        region,
        { role: region === active ? ('active' as const) : ('standby' as const), generation: 1 },
      ]),
    ),
    target,
    scenario: 'kill',
    changes: () => Promise.resolve([]),
    signal: new AbortController().signal,
    ...options,
    listeners: [(event) => events.push(event), ...(options.listeners ?? [])],
  });
  expect(evidenceSchema.parse(JSON.parse(JSON.stringify(evidence)))).toEqual(evidence);
  return { evidence, events, target };
}

/** Names of the phases that began, in order. */
export const begun = ({ evidence }: Drilled): readonly string[] => evidence.phases.map(({ name }) => name);
