import type { Environment } from '../environments';
import type { Evidence, Movement, Shortened } from './evidence/record';

/**
 * Holds what was measured against the environment's objectives. What the target shortened is added back first, so that a
 * fast laptop never meets an objective that production's own timers would miss.
 */
export function judge(
  { rtoSeconds, rpoSeconds }: Environment['objectives'],
  movements: readonly Movement[],
  shortened: readonly Shortened[],
): Evidence['objectives'] {
  const withheld = shortened.reduce((sum, { withheldSeconds }) => sum + withheldSeconds, 0);
  return movements.flatMap(({ kind, rto, lossWindowSeconds, lostWrites }) => {
    if (kind === 'switchover') {
      const measured = lostWrites.length;
      return [objective('Writes lost by the switchover', 'writes', 0, measured, measured)];
    }
    return [
      objective(
        'RTO',
        's',
        rtoSeconds,
        rto.totalSeconds,
        // A region that mends itself waits for nothing that was shortened.
        rto.totalSeconds + (kind === 'failover' ? withheld : 0),
      ),
      {
        ...objective('RPO', 's', rpoSeconds, lossWindowSeconds, lossWindowSeconds),
        // What is lost between the fault and the region's last breath has a window of 0 s, and is lost nevertheless.
        ...(rpoSeconds === 0 && { met: lostWrites.length === 0 }),
      },
    ];
  });
}

const objective = (
  name: string,
  unit: string,
  limit: number,
  measured: number,
  counted: number,
): Evidence['objectives'][number] => ({
  name,
  unit,
  objective: limit,
  measured,
  counted,
  met: counted <= limit,
});
