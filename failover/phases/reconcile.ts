import { TandemError } from '../../lib/errors';
import { type Phase, withRoles } from '../drill';

/** The new roles are what is declared from now on, and the traffic stack must not want to change because of them. */
export const reconcile: Phase = {
  name: 'reconcile',
  title: () => 'declare the new roles: nothing to apply in the traffic stack',
  run: async (drill, note) => {
    const { from, to, target, roles, trafficChanges } = drill;
    drill.roles = withRoles(roles, { [from]: 'fenced', [to]: 'active' });
    const changes = trafficChanges(drill.roles);
    if (changes.length > 0) {
      throw new TandemError('ReconcileNotEmpty', {
        found: `with the new roles the traffic stack changes: ${changes.join(', ')}`,
        expected: 'the same stack for every assignment of roles',
        next: 'run: tandem synth, and compare cdktf.out for both versions of roles.json',
      });
    }
    // Both calls are repeated whenever the roles are declared: a latch whose alarm died with a region moves only now.
    await target.setLatch(to, 'open');
    note('roles swapped; the synthesized traffic stack is the same byte for byte');
  },
};
