import { cpus } from 'node:os';
import { asCoded } from '../../lib/errors';
import type { Evidence } from './record';

/** The machine that a drill ran on, with the versions that were found. */
export const machineWith = (
  software: Pick<Evidence['machine'], 'postgres' | 'cache'>,
): Evidence['machine'] => ({
  platform: `${process.platform} ${process.arch}`,
  cpus: cpus().length,
  node: process.version,
  ...software,
});

/** Anything thrown, as the evidence of a failed drill has it. */
export function errorOf(thrown: unknown): NonNullable<Evidence['error']> {
  const { code, detail } = asCoded(thrown);
  return { code, found: detail.found, expected: detail.expected, next: detail.next };
}

/** How a drill ended: by an interruption, a failure, or its objectives. */
export function outcomeOf(
  failure: unknown,
  interrupted: boolean,
  objectives: Evidence['objectives'],
): Evidence['outcome'] {
  if (interrupted) return 'interrupted';
  if (failure !== undefined) return 'failed';
  return objectives.every(({ met }) => met) ? 'met' : 'missed';
}
