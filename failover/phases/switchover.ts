import { setTimeout as sleep } from 'node:timers/promises';
import { TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { type Phase, withRoles } from '../drill';
import { readIds } from '../ledger';
import { measureMovement } from '../movement';

/**
 * Planned, with nothing lost: the latches move the public name, which is the witness, so the old region stops taking
 * writes by itself; when it has and the standby has replayed all of it, the standby is promoted.
 */
export const switchover: Phase = {
  name: 'switchover',
  only: 'failover',
  title: ({ from, to }) => `switch over from ${to} back to ${from}`,
  run: async (drill, note, signal) => {
    const { target, clock, ledger, observations, tell } = drill;
    const [from, to] = [drill.to, drill.from];
    const wait = {
      budget: drill.budgets.switchover,
      next: 'run the drill again; nothing is lost, the old region still holds all',
      everyMs: 20,
      signal,
    };
    const startedAtMs = clock.now();
    tell({ type: 'mark', label: 'switchover', region: from });
    await target.setLatch(to, 'open');
    signal.throwIfAborted();
    await target.setLatch(from, 'closed');
    await waitFor({ ...wait, what: `${from} to stop taking writes` }, async () =>
      (await target.takesWrites(from)) ? undefined : true,
    );
    await waitFor({ ...wait, what: `${to} to replay everything` }, async () =>
      (await target.replicationLagBytes(from, to)) === 0 ? true : undefined,
    );
    signal.throwIfAborted();
    const oldStoppedAtMs = clock.now();
    tell({ type: 'mark', label: 'drained', region: from });
    tell({ type: 'role', region: from, role: 'fenced' });
    await target.promote(to);
    const promotedAtMs = clock.now();
    tell({ type: 'mark', label: 'promoted', region: to });
    tell({ type: 'role', region: to, role: 'active' });
    await waitFor({ ...wait, what: `a client's write to be acknowledged by ${to}` }, () =>
      Promise.resolve(ledger.writes.find(({ region, atMs }) => region === to && atMs >= startedAtMs)),
    );
    await sleep(1000, undefined, { signal });
    const comparison = await ledger.compare(() => readIds(target.pinnedEndpoint(to), drill.prefix));
    const movement = measureMovement(
      { ledger, observations },
      { kind: 'switchover', from, to, startedAtMs, oldStoppedAtMs, promotedAtMs, comparison },
    );
    drill.movements.push(movement);
    drill.roles = withRoles(drill.roles, { [from]: 'fenced', [to]: 'active' });
    await target.declare(drill.roles);
    if (comparison.lost.length > 0) {
      throw new TandemError('SwitchoverLostWrites', {
        found: `${comparison.lost.length} acknowledged writes are missing in ${to}`,
        expected: 'none: a switchover loses nothing',
        next: `recover them from ${from}, which still holds them; the evidence lists their ids`,
      });
    }
    note(
      `${movement.rto.totalSeconds.toFixed(2)} s without a write, nothing lost of ${comparison.acknowledged}`,
    );
  },
};
