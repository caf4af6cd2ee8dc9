import { z } from 'zod';

/**
 * The evidence of a drill: everything its readings (Markdown, HTML, job summary) show stands in this record.
 * `…Ms` counts milliseconds since the drill's first event on one monotonic clock; `…Seconds` are durations.
 */
const atMs = z.number().nonnegative();
const seconds = z.number().nonnegative();

/** A production setting that the target shortens or leaves out, with what that takes out of the RTO. */
const shortenedSchema = z.object({
  what: z.string(),
  production: z.string(),
  here: z.string(),
  /** Seconds that a failover under production's setting takes longer at worst; 0 where it does not count. */
  withheldSeconds: seconds,
});

const phaseSchema = z.object({
  name: z.string(),
  budgetSeconds: seconds,
  startedAtMs: atMs,
  endedAtMs: atMs,
  outcome: z.enum(['done', 'failed']),
  notes: z.array(z.string()),
});

/** A write that a client saw acknowledged and that the new active region does not have. */
const lostWriteSchema = z.object({
  id: z.string(),
  acknowledgedAtMs: atMs,
  secondsBeforeFault: seconds,
  /** Still readable in the fenced region's database, so a person can recover it; null when that was not looked up. */
  onFencedRegion: z.boolean().nullable(),
});

/** How long clients could not write, split where the phases of a failover meet. */
const rtoSchema = z.object({
  /** From the last acknowledged write until Route 53's verdict on the region was unhealthy. */
  detectSeconds: seconds,
  /** From the verdict until the standby's database took writes. */
  promoteSeconds: seconds,
  /** From there until DNS answers reached clients with the new region. */
  routeSeconds: seconds,
  /** From there until the first acknowledged write. */
  firstWriteSeconds: seconds,
  /** Last acknowledged write before to first acknowledged write after, as a client measured it. */
  totalSeconds: seconds,
});

const movementSchema = z.object({
  /** A recovery is a region's own, in its place: `from` and `to` are the same. */
  kind: z.enum(['failover', 'switchover', 'recovery']),
  from: z.string(),
  to: z.string(),
  /** When the fault was injected (failover) or the old region was told to stop writing (switchover). */
  startedAtMs: atMs,
  lastWriteBeforeAtMs: atMs,
  firstWriteAfterAtMs: atMs,
  rto: rtoSchema,
  /** Writes acknowledged since the drill began, up to this movement's comparison. */
  acknowledgedWrites: z.number().int(),
  lostWrites: z.array(lostWriteSchema),
  /** Writes present although their client saw an error or no answer: legal, listed for completeness. */
  unacknowledgedPresent: z.number().int(),
  /** First lost write to fault; 0 when nothing was lost. */
  lossWindowSeconds: seconds,
  /**
   * Why no client measured it, and what stands for that. Its times are then those of the operation's journal, from the old region being
   * told to leave to the new one taking writes and being let in, and its lists of writes are empty because there were none.
   */
  noLoad: z.string().optional(),
});

const fenceSchema = z.object({
  region: z.string(),
  /** Writes that clients pinned to the returning region's address tried. */
  attempts: z.number().int(),
  unreachable: z.number().int(),
  refused: z.number().int(),
  /** Writes that a region took which had run on unreachable, before it noticed that it is no longer the active one. */
  letThrough: z.number().int().default(0),
  accepted: z.number().int(),
  /** The reason the region gave for refusing, with its count. */
  reasons: z.record(z.string(), z.number().int()),
  /** How long the region was up and kept refusing. */
  heldSeconds: seconds,
});

const objectiveSchema = z.object({
  name: z.string(),
  unit: z.string(),
  objective: z.number(),
  /** What this run measured. */
  measured: z.number(),
  /** What the objective is held against: measured plus everything withheld by shortening. */
  counted: z.number(),
  met: z.boolean(),
});

/** What clients saw of one region in one slice of time. */
const sampleSchema = z.object({
  atMs,
  region: z.string(),
  writesAcknowledged: z.number().int(),
  writesRefused: z.number().int(),
  readsAnswered: z.number().int(),
  failed: z.number().int(),
});

export const roleSchema = z.enum(['active', 'standby', 'fenced', 'rebuilding', 'down']);

export const evidenceSchema = z.object({
  schema: z.literal('tandem/evidence/v1'),
  run: z.string(),
  tandemVersion: z.string(),
  environment: z.string(),
  target: z.string(),
  scenario: z.string(),
  startedAt: z.iso.datetime(),
  durationSeconds: seconds,
  /** Both regions, by place; the first is Route 53's PRIMARY. */
  regions: z.tuple([z.string(), z.string()]),
  machine: z.object({
    platform: z.string(),
    cpus: z.number().int(),
    node: z.string(),
    postgres: z.string(),
    cache: z.string(),
  }),
  /** The timing that Route 53 and the resolvers had in this run. */
  timing: z.object({
    healthCheckIntervalSeconds: seconds,
    failureThreshold: z.number().int(),
    ttlSeconds: seconds,
  }),
  shortened: z.array(shortenedSchema),
  outcome: z.enum(['met', 'missed', 'failed', 'interrupted']),
  error: z.object({ code: z.string(), found: z.string(), expected: z.string(), next: z.string() }).optional(),
  phases: z.array(phaseSchema),
  movements: z.array(movementSchema),
  fence: fenceSchema.optional(),
  objectives: z.array(objectiveSchema),
  timeline: z.object({
    sampleMs: z.number().positive(),
    samples: z.array(sampleSchema),
    marks: z.array(z.object({ atMs, label: z.string(), region: z.string().optional() })),
    roles: z.array(z.object({ region: z.string(), role: roleSchema, fromMs: atMs, toMs: atMs })),
  }),
  /** What holds for the run but was simulated, not measured; empty when nothing was. */
  simulated: z.array(z.string()),
  next: z.array(z.string()),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type Movement = Evidence['movements'][number];
export type Shortened = z.infer<typeof shortenedSchema>;
export type LostWrite = z.infer<typeof lostWriteSchema>;
export type ShownRole = z.infer<typeof roleSchema>;
