import { TandemError } from '../../lib/errors';
import { isStateful } from '../../modules/stateful';
import { type PlannedResource, resourcesIn } from './changes';

/** Something stateful that a plan would lose, or a database that it would point at another. */
export interface Refusal {
  readonly address: string;
  /** What would happen to it and what makes it so. */
  readonly reason: string;
  /** What to do instead. */
  readonly next: string;
}

const nothing: ReadonlySet<string> = new Set();

/**
 * What must not be applied of a plan: replacing or destroying something stateful, and changing what a standing database copies,
 * which Terraform plans as an update although RDS copies nothing into an instance that exists ("Working with DB instance read
 * replicas", Amazon RDS User Guide), and promotes one that shall copy nothing any more.
 * @param plan by `terraform show -json`
 * @param allow the addresses that may go all the same: what a rebuild fenced before
 */
export function refusalsIn(plan: unknown, allow: ReadonlySet<string> = nothing): readonly Refusal[] {
  return resourcesIn(plan).flatMap((resource) => {
    const { address, change } = resource;
    const source = sourceChanged(resource);
    if (source !== undefined) return { address, ...source };
    if (allow.has(address) || !change.actions.includes('delete')) return [];
    return isStateful(resource.type, recordOf(change.before)) ? { address, ...lossOf(resource) } : [];
  });
}

/**
 * Refuses the plans of several stacks at once, so that all that is wrong is said at once.
 * @throws TandemError GuardRefused
 */
export function guard(
  plans: readonly { readonly stack: string; readonly plan: unknown }[],
  allow?: ReadonlySet<string>,
): void {
  const refused = plans.flatMap(({ stack, plan }) =>
    refusalsIn(plan, allow).map((refusal) => ({ stack, ...refusal })),
  );
  if (refused.length === 0) return;
  const lines = refused.map(({ stack, address, reason }) => `\n  ${stack}: ${address} ${reason}`);
  throw new TandemError('GuardRefused', {
    found: `a plan that loses what applying can not bring back:${lines.join('')}`,
    expected: 'that everything stateful stays; nothing was applied',
    next: [...new Set(refused.map(({ next }) => next))].join('; '),
  });
}

function lossOf({ change, action_reason: because }: PlannedResource): Omit<Refusal, 'address'> {
  if (!change.actions.includes('create')) {
    return {
      reason: 'would be destroyed',
      next: 'declare it again: only `tandem rebuild` and `tandem down` destroy what is stateful',
    };
  }
  if (because === 'replace_because_tainted') {
    return {
      reason: 'would be replaced: Terraform holds it for half made (tainted)',
      next: 'look at it on AWS: when it is whole, `terraform untaint`; when it never was, delete it there',
    };
  }
  const forcing = (change.replace_paths ?? []).map((path) => path.join('.'));
  return {
    reason: `would be replaced, because ${forcing.join(', ') || 'something'} changes`,
    next: 'take that change back: what can not be changed in place is moved to another generation by `tandem rebuild`',
  };
}

function sourceChanged({ type, change }: PlannedResource): Omit<Refusal, 'address'> | undefined {
  if (type !== 'aws_db_instance' || change.actions.join() !== 'update') return undefined;
  const unknown = recordOf(change.after_unknown)['replicate_source_db'] === true;
  const [was, becomes] = [sourceOf(change.before), unknown ? '(known after apply)' : sourceOf(change.after)];
  if (was === becomes) return undefined;
  return becomes === ''
    ? {
        reason: `would be promoted: replicate_source_db ${was} → (none)`,
        next: 'a promotion is `tandem failover` or `tandem switchover`; after one, `tandem reconcile`',
      }
    : {
        reason: `would be told to copy: replicate_source_db ${was || '(none)'} → ${becomes}`,
        next: 'after a failover, `tandem reconcile`; to make a copy of a former primary, `tandem rebuild`',
      };
}

function sourceOf(instance: unknown): string {
  const source = recordOf(instance)['replicate_source_db'];
  return typeof source === 'string' ? source : '';
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
