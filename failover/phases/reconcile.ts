import { TandemError } from '../../lib/errors';
import { type Phase, withRoles } from '../drill';

/** The new roles are what is declared from now on, and nothing that Terraform holds may want to change because of them. */
export const reconcile: Phase = {
  name: 'reconcile',
  only: 'failover',
  title: () => 'declare the new roles: nothing to apply',
  run: async (drill, note, signal) => {
    const { from, to, target, roles, changes } = drill;
    drill.roles = withRoles(roles, { [from]: 'fenced', [to]: 'active' });
    await target.declare(drill.roles);
    const changed = await changes(drill.roles, signal);
    if (changed.length > 0) {
      throw new TandemError('ReconcileNotEmpty', {
        found: `with the new roles there is something to apply: ${changed.join(', ')}`,
        expected: 'the same infrastructure for every assignment of roles',
        next: 'run: tandem synth, and compare cdktf.out for both versions of roles.json',
      });
    }
    // Both calls are repeated whenever the roles are declared: a latch whose alarm died with a region moves only now.
    await target.setLatch(to, 'open');
    note('roles swapped; nothing to apply');
  },
};
