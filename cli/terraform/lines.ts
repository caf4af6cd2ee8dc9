import { z } from 'zod';
import { TandemError } from '../../lib/errors';

/** What a plan would do. */
export interface PlanSummary {
  /** How many resources; a replaced one counts in `add` and in `destroy`. */
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly resources: readonly { readonly address: string; readonly action: string }[];
}

const message = z.union([
  z.object({
    type: z.literal('planned_change'),
    change: z.object({ resource: z.object({ addr: z.string() }), action: z.string() }),
  }),
  z.object({
    type: z.literal('change_summary'),
    changes: z.object({ add: z.number(), change: z.number(), remove: z.number() }),
  }),
]);

/** What `terraform plan -json` wrote: "Machine-Readable UI", Terraform documentation. */
export function readPlan(stdout: string): PlanSummary {
  const messages = stdout.split('\n').flatMap((line) => {
    const read = line.startsWith('{') ? message.safeParse(JSON.parse(line)).data : undefined;
    return read ? [read] : [];
  });
  const resources = messages.flatMap((each) =>
    each.type === 'planned_change' && each.change.action !== 'noop'
      ? [{ address: each.change.resource.addr, action: each.change.action }]
      : [],
  );
  const summary = messages.find((each) => each.type === 'change_summary');
  if (summary) {
    const { add, change, remove: destroy } = summary.changes;
    return { add, change, destroy, resources };
  }
  throw new TandemError('TerraformFailed', {
    found: `a plan without a summary: ${stdout.slice(-500)}`,
    expected: 'a line of type change_summary',
    next: 'compare the version of Terraform with what `tandem version` says',
  });
}

const completed = z.object({
  type: z.literal('apply_complete'),
  '@message': z.string(),
  hook: z.object({ action: z.enum(['create', 'update', 'delete']) }),
});

/** What a line of `terraform apply -json` says of a resource that is done; undefined for any other line. */
export function completedIn(line: string): string | undefined {
  return line.startsWith('{') ? completed.safeParse(JSON.parse(line)).data?.['@message'] : undefined;
}
