import type { Observation } from './clients';
import type { Evidence } from './evidence/record';
import type { DrillEvent } from './events';

type Timeline = Evidence['timeline'];

/** Milliseconds of one slice of the timeline. */
const sampleMs = 250;

/** Collects a drill's events into the parts of its evidence. */
export class Recorder {
  readonly #phases: Evidence['phases'] = [];
  readonly #marks: Timeline['marks'] = [];
  readonly #roles: Timeline['roles'] = [];

  readonly listen = (event: DrillEvent): void => {
    const { atMs } = event;
    if (event.type === 'phase-started') {
      const { phase: name, budgetSeconds } = event;
      this.#phases.push({
        name,
        budgetSeconds,
        startedAtMs: atMs,
        endedAtMs: atMs,
        outcome: 'failed',
        notes: [],
      });
    } else if (event.type === 'phase-ended') {
      const phase = this.#phases.at(-1);
      if (phase) Object.assign(phase, { endedAtMs: atMs, outcome: event.outcome });
    } else if (event.type === 'note') {
      this.#phases.at(-1)?.notes.push(event.text);
    } else if (event.type === 'mark') {
      const { label, region } = event;
      this.#marks.push({ atMs, label, ...(region !== undefined && { region }) });
    } else {
      const { region, role } = event;
      const before = this.#roles.findLast((entry) => entry.region === region);
      if (before) before.toMs = atMs;
      this.#roles.push({ region, role, fromMs: atMs, toMs: atMs });
    }
  };

  get phases(): Evidence['phases'] {
    return this.#phases;
  }

  timeline(observations: readonly Observation[], endMs: number): Timeline {
    const roles = this.#roles.map((entry) =>
      entry === this.#roles.findLast(({ region }) => region === entry.region)
        ? { ...entry, toMs: endMs }
        : entry,
    );
    return { sampleMs, samples: samplesOf(observations), marks: this.#marks, roles };
  }
}

function samplesOf(observations: readonly Observation[]): Timeline['samples'] {
  const samples = new Map<string, Timeline['samples'][number]>();
  for (const { atMs, region, kind, outcome } of observations) {
    if (region === undefined) continue;
    const slice = Math.floor(atMs / sampleMs) * sampleMs;
    const key = `${slice} ${region}`;
    const sample = samples.get(key) ?? {
      atMs: slice,
      region,
      writesAcknowledged: 0,
      writesRefused: 0,
      readsAnswered: 0,
      failed: 0,
    };
    // Refusing writes is what a fenced region is for; a refused read is one that failed.
    if (outcome === 'acknowledged') sample[kind === 'read' ? 'readsAnswered' : 'writesAcknowledged'] += 1;
    else sample[outcome === 'refused' && kind === 'write' ? 'writesRefused' : 'failed'] += 1;
    samples.set(key, sample);
  }
  return [...samples.values()].sort((a, b) => a.atMs - b.atMs);
}
