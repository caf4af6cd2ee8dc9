import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../../environments';
import { stateFolder } from '../../environments/clusters';
import { TandemError } from '../../lib/errors';
import { identityOf, isAlive } from '../../twin/processes';

const schema = z.object({
  pid: z.int(),
  startedAt: z.string(),
  /** Where it had got to. */
  phase: z.string(),
  /** By region; a cluster that a dead drill left without power can't be asked for them. */
  nodes: z.record(z.string(), z.array(z.string())),
});

type Record = z.output<typeof schema>;

/** Where a drill leaves its mark while it runs. */
export const drillFile = (environment: Environment): string => join(stateFolder(environment), 'drill.json');

/** Whether a drill runs: autopilots leave what it breaks to it. */
export function drillRuns(environment: Environment): boolean {
  const record = read(drillFile(environment));
  return record !== undefined && isAlive(record);
}

/** A drill's mark on the clusters while it runs: keeps another from starting, and tells the next one what a dead one left. */
export class DrillRun {
  #record: Record;

  private constructor(
    private readonly file: string,
    /** The phase in which the drill before this one died; undefined when it ended in order. */
    readonly diedIn: string | undefined,
    known: Record['nodes'],
  ) {
    const startedAt = identityOf(process.pid)?.startedAt ?? '0';
    this.#record = { pid: process.pid, startedAt, phase: 'preflight', nodes: known };
  }

  /** @throws TandemError DrillRefused while another drill runs */
  static begin(file: string): DrillRun {
    const before = read(file);
    if (before && isAlive(before) && before.pid !== process.pid) {
      throw new TandemError('DrillRefused', {
        found: `a drill runs on these clusters, in phase ${before.phase} (process ${before.pid})`,
        expected: 'one drill at a time',
        next: 'wait for it, or end it',
      });
    }
    const run = new DrillRun(file, before?.phase, before?.nodes ?? {});
    run.#save();
    return run;
  }

  nodesOf(region: string): readonly string[] | undefined {
    return this.#record.nodes[region];
  }

  know(region: string, nodes: readonly string[]): void {
    this.#record = { ...this.#record, nodes: { ...this.#record.nodes, [region]: [...nodes] } };
    this.#save();
  }

  inPhase(phase: string): void {
    this.#record = { ...this.#record, phase };
    this.#save();
  }

  end(): void {
    rmSync(this.file, { force: true });
  }

  #save(): void {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify(this.#record)}\n`);
  }
}

function read(file: string): Record | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
