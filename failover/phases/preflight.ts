import { TandemError } from '../../lib/errors';
import { type Phase, type Scenario, scenarios } from '../drill';
import type { Target } from '../target';

/** Nothing is hurt before the pair stands whole: one region that takes writes, one that follows it. */
export const preflight: Phase = {
  name: 'preflight',
  title: () => 'bring up both regions',
  run: async ({ target, scenario, from, to, tell }, note) => {
    refuseUnsupported(target, scenario);
    await target.prepare(from, note);
    tell({ type: 'role', region: from, role: 'active' });
    tell({ type: 'role', region: to, role: 'standby' });
    note(`${target.software.postgres}; cache: ${target.software.cache}`);
  },
};

function refuseUnsupported({ kind, faults }: Target, scenario: Scenario): void {
  const missing = scenarios[scenario].faults.filter((fault) => !faults.has(fault));
  if (missing.length === 0) return;
  throw new TandemError('FaultUnsupported', {
    found: `scenario ${scenario} needs ${missing.join(', ')}, which the target ${kind} can not do`,
    expected: `faults among ${[...faults].join(', ')}`,
    next: 'choose another scenario: tandem drill --help lists them',
  });
}
