import { z } from 'zod';
import { at, type Declared, type Graph } from '../synth/resources';

/** Blocks that the provider names once for each, and Kubernetes as a list. */
const plurals: Readonly<Record<string, string>> = {
  container: 'containers',
  initContainer: 'initContainers',
  limit: 'limits',
  metric: 'metrics',
  port: 'ports',
  topologySpreadConstraint: 'topologySpreadConstraints',
  volume: 'volumes',
  volumeClaimTemplate: 'volumeClaimTemplates',
  volumeMount: 'volumeMounts',
};
const lists = new Set([
  ...Object.values(plurals),
  'egress',
  'env',
  'envFrom',
  'from',
  'ingress',
  'items',
  'to',
]);

/** What people named, not Kubernetes: taken as it is. */
const verbatim = new Set([
  'annotations',
  'data',
  'default',
  'defaultRequest',
  'hard',
  'labels',
  'limits',
  'matchLabels',
  'max',
  'requests',
]);

/** Texts of digits that stay texts. */
const texts = new Set(['args', 'command', 'value']);

const camel = (key: string): string =>
  key === 'cluster_ip' ? 'clusterIP' : key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function valueOf(key: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const [first] = items;
    const block = typeof first === 'object' && items.length === 1 && !lists.has(key);
    return block ? valueOf(key, first) : items.map((each) => valueOf(key, each));
  }
  if (typeof value === 'object' && value !== null) return fieldsOf(value);
  if (typeof value !== 'string' || texts.has(key) || !/^\d+$/.test(value)) return value;
  return key === 'defaultMode' ? parseInt(value, 8) : Number(value);
}

function fieldsOf(block: object): object {
  return Object.fromEntries(
    Object.entries(block).map(([key, value]: readonly [string, unknown]) => {
      const name = camel(key);
      if (verbatim.has(name) && !Array.isArray(value)) return [name, value];
      // A port of a policy or of a probe is one.
      const listed = Array.isArray(value) ? (plurals[name] ?? name) : name;
      return [listed, valueOf(listed, value)];
    }),
  );
}

const groups: Readonly<Record<string, string>> = {
  deployment_v1: 'apps/v1',
  horizontal_pod_autoscaler_v2: 'autoscaling/v2',
  network_policy_v1: 'networking.k8s.io/v1',
  pod_disruption_budget_v1: 'policy/v1',
  stateful_set_v1: 'apps/v1',
};

const declaredAs = z.object({
  metadata: z.record(z.string(), z.unknown()),
  spec: z.record(z.string(), z.unknown()).optional(),
  data: z.record(z.string(), z.string()).optional(),
  automount_service_account_token: z.boolean().optional(),
});

/** A declared resource as Kubernetes' API has it, with what Terraform fills in filled in. */
export function manifestOf({ resources }: Graph, { stack, type, attributes }: Declared): object {
  const kind = type.replace(/^kubernetes_/, '');
  const filled = JSON.stringify(attributes)
    .replaceAll(/\$\{(\w+)\.(\w+)\.metadata\[0\]\.name\}/g, (_, other: string, id: string) => {
      const found = resources.find((each) => each.stack === stack && each.type === other && each.id === id);
      return String(at(found?.attributes, 'metadata.name'));
    })
    .replaceAll('$${', '${');
  const declared = declaredAs.parse(JSON.parse(filled));
  const { metadata, spec, data, automount_service_account_token: token } = declared;
  return {
    apiVersion: groups[kind] ?? 'v1',
    kind: camel(`_${kind.replace(/_v\d$/, '')}`),
    metadata,
    ...(spec !== undefined && { spec: fieldsOf(spec) }),
    ...(data !== undefined && { data }),
    ...(token !== undefined && { automountServiceAccountToken: token }),
  };
}
