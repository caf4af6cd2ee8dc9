import { z } from 'zod';
import type { Graph } from './resources';
import { at } from './resources';

/** A container as a stack declares it; quantities and probes as Kubernetes has them. */
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  port: z.array(z.object({ name: z.string(), container_port: z.number() })).default([]),
  resources: z
    .object({ requests: z.record(z.string(), z.string()), limits: z.record(z.string(), z.string()) })
    .optional(),
  liveness_probe: z.unknown().optional(),
  readiness_probe: z.unknown().optional(),
  security_context: z.unknown().optional(),
});
const pod = z.looseObject({
  container: z.array(container),
  init_container: z.array(container).default([]),
  service_account_name: z.string().optional(),
  automount_service_account_token: z.boolean().optional(),
  security_context: z.unknown().optional(),
});
export type Container = z.infer<typeof container>;

/** A component's pods in a region. */
export interface Pods {
  /** `<stack>: <type>.<id>`. */
  readonly address: string;
  readonly region: string;
  readonly component: string;
  /** Of one pod. */
  readonly spec: z.infer<typeof pod>;
  /** The most there are at once, a pod that replaces another included. */
  readonly most: number;
  /** As many as there are when nothing happens. */
  readonly usual: number;
}

/** All pods that an environment's stacks declare. */
export function podsOf({ stacks, resources }: Graph): readonly Pods[] {
  return resources
    .filter(({ type }) => type === 'kubernetes_deployment_v1' || type === 'kubernetes_stateful_set_v1')
    .map(({ stack, address, attributes }) => {
      const component = String(at(attributes, 'metadata.name'));
      const usual = Number(at(attributes, 'spec.replicas'));
      const scale = resources.find(
        (each) =>
          each.stack === stack &&
          each.type === 'kubernetes_horizontal_pod_autoscaler_v2' &&
          at(each.attributes, 'metadata.name') === component,
      );
      const surge = Number(at(attributes, 'spec.strategy.rolling_update.max_surge') ?? 0);
      return {
        address,
        region: stacks.find(({ name }) => name === stack)?.region ?? '',
        component,
        spec: pod.parse(at(attributes, 'spec.template.spec')),
        usual,
        most: Number(at(scale?.attributes, 'spec.max_replicas') ?? usual) + surge,
      };
    });
}

export const containersOf = ({ spec }: Pods): readonly Container[] => [
  ...spec.init_container,
  ...spec.container,
];

/** A quantity of Kubernetes as a number: CPUs, or MiB. */
export function quantity(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)(m|Mi|Gi|)$/.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = { m: 0.001, '': 1, Mi: 1, Gi: 1024 };
  return Number(digits || Number.NaN) * (factors[unit] ?? Number.NaN);
}

/** What a pod is given or may take: the larger of its containers together and any that runs before them. */
export function sizeOf({ spec }: Pods, kind: 'requests' | 'limits', resource: 'cpu' | 'memory'): number {
  const of = (each: Container) => quantity(each.resources?.[kind][resource] ?? '');
  return Math.max(
    spec.container.reduce((sum, each) => sum + of(each), 0),
    ...spec.init_container.map(of),
  );
}
