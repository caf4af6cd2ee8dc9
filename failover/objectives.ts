import type { Environment } from '../environments';
import type { Evidence, Movement, Shortened } from './evidence/record';

type Objectives = Environment['objectives'];
type Judged = Evidence['objectives'][number];

/**
 * Holds what was measured against the environment's objectives. What the target shortened is added back first, so that a
 * fast laptop never meets an objective that production's own timers would miss.
 */
export function judge(
  objectives: Objectives,
  movements: readonly Movement[],
  shortened: readonly Shortened[],
): Judged[] {
  const withheld = shortened.reduce((sum, { withheldSeconds }) => sum + withheldSeconds, 0);
  return movements.flatMap((movement) =>
    // The way back is planned, and held to losing nothing.
    movement.kind === 'switchover'
      ? [loss(objectives, movement)]
      : [
          // A region that mends itself waits for nothing that was shortened.
          rto(objectives, movement, movement.kind === 'failover' ? withheld : 0),
          loss(objectives, movement),
        ],
  );
}

/** The same of a drill that is one movement, however planned; of losses nothing where no client wrote. */
export const judgeAlone = (objectives: Objectives, movement: Movement): Judged[] => [
  rto(objectives, movement, 0),
  ...(movement.noLoad === undefined ? [loss(objectives, movement)] : []),
];

const rto = ({ rtoSeconds }: Objectives, { rto: { totalSeconds } }: Movement, withheld: number): Judged =>
  objective('RTO', 's', rtoSeconds, totalSeconds, totalSeconds + withheld);

function loss({ rpoSeconds }: Objectives, { kind, lossWindowSeconds, lostWrites }: Movement): Judged {
  const measured = lostWrites.length;
  if (kind === 'switchover') {
    return objective('Writes lost by the switchover', 'writes', 0, measured, measured);
  }
  return {
    ...objective('RPO', 's', rpoSeconds, lossWindowSeconds, lossWindowSeconds),
    // What is lost between the fault and the region's last breath has a window of 0 s, and is lost nevertheless.
    ...(rpoSeconds === 0 && { met: measured === 0 }),
  };
}

const objective = (name: string, unit: string, limit: number, measured: number, counted: number): Judged => ({
  name,
  unit,
  objective: limit,
  measured,
  counted,
  met: counted <= limit,
});
