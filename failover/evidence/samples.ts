import type { Evidence } from './record';

/** What clients saw of one region from `fromMs` until the next slice. */
export interface Slice {
  readonly fromMs: number;
  acknowledged: number;
  answered: number;
  refused: number;
  failed: number;
}

/** When the picture of a drill ends, in milliseconds: nothing that the record holds lies after it. */
export function endOf({ durationSeconds, timeline, phases, movements }: Evidence): number {
  const ends = [
    durationSeconds * 1000,
    ...phases.map((phase) => phase.endedAtMs),
    ...movements.map((movement) => movement.firstWriteAfterAtMs),
    ...timeline.marks.map((mark) => mark.atMs),
    ...timeline.roles.map((role) => role.toMs),
  ];
  const lastSample = timeline.samples.reduce((last, sample) => Math.max(last, sample.atMs), 0);
  return Math.max(1000, lastSample + (lastSample > 0 ? timeline.sampleMs : 0), ...ends);
}

/** One region's samples summed into at most `most` slices of equal length, a whole number of samples each. */
export function slicesOf(
  evidence: Evidence,
  region: string,
  most: number,
): { sliceMs: number; slices: readonly Slice[] } {
  const { sampleMs, samples } = evidence.timeline;
  const endMs = endOf(evidence);
  const sliceMs = sampleMs * Math.ceil(endMs / sampleMs / most);
  const slices = Array.from({ length: Math.ceil(endMs / sliceMs) }, (_, index): Slice => ({
    fromMs: index * sliceMs,
    acknowledged: 0,
    answered: 0,
    refused: 0,
    failed: 0,
  }));
  for (const sample of samples) {
    const slice = slices[Math.floor(sample.atMs / sliceMs)];
    if (sample.region !== region || !slice) continue;
    slice.acknowledged += sample.writesAcknowledged;
    slice.answered += sample.readsAnswered;
    slice.refused += sample.writesRefused;
    slice.failed += sample.failed;
  }
  return { sliceMs, slices };
}
