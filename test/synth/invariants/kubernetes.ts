import { z } from 'zod';
import { containersOf, podsOf, quantity, sizeOf, type Pods } from '../pods';
import { at, type Declared, type Graph } from '../resources';

const restricted = {
  run_as_non_root: true,
  privileged: false,
  allow_privilege_escalation: false,
  read_only_root_filesystem: true,
  capabilities: { drop: ['ALL'] },
  seccomp_profile: { type: 'RuntimeDefault' },
};

/** Its digest could not be verified anywhere (modules/images.ts). */
const byTagAlone: readonly string[] = ['docker.io/oliver006/redis_exporter:v1.61.0'];

const end = z.object({
  pod_selector: z.object({ match_labels: z.record(z.string(), z.string()) }).optional(),
  ip_block: z.object({ cidr: z.string() }).optional(),
});
const ports = z.array(z.object({ port: z.string(), protocol: z.string() })).default([]);
const policySpec = z.object({
  pod_selector: z.object({ match_labels: z.record(z.string(), z.string()).optional() }),
  policy_types: z.array(z.string()),
  ingress: z.array(z.object({ from: z.array(end), ports })).default([]),
  egress: z.array(z.object({ to: z.array(end), ports })).default([]),
});

const label = 'app.kubernetes.io/name';

const policiesOf = ({ resources }: Graph) =>
  resources
    .filter(({ type }) => type === 'kubernetes_network_policy_v1')
    .map(({ address, region, attributes }) => {
      const spec = policySpec.parse(attributes['spec']);
      return { address, region, component: spec.pod_selector.match_labels?.[label], ...spec };
    });

/** Connections between components, as one side's policies admit them: `<region>: <from> to <to>:<port>`. */
function admitted(graph: Graph, side: 'ingress' | 'egress'): readonly string[] {
  return policiesOf(graph).flatMap(({ region, component, ...policy }) => {
    const rules =
      side === 'ingress'
        ? policy.ingress.map(({ from, ...rest }) => ({ ends: from, ...rest }))
        : policy.egress.map(({ to, ...rest }) => ({ ends: to, ...rest }));
    return rules.flatMap(({ ends, ports: open }) =>
      ends.flatMap(({ pod_selector }) => {
        const other = pod_selector?.match_labels[label];
        if (component === undefined || other === undefined) return [];
        const [from, to] = side === 'ingress' ? [other, component] : [component, other];
        return open.map(({ port }) => `${region}: ${from} to ${to}:${port}`);
      }),
    );
  });
}

const broken = (graph: Graph, wrong: (pods: Pods) => readonly string[]): readonly string[] =>
  podsOf(graph).flatMap((pods) => wrong(pods).map((what) => `${pods.address} ${what}`));

const inEachRegion = (graph: Graph, wrong: (region: string, own: readonly Declared[]) => readonly string[]) =>
  graph.deployment.environment.regions.flatMap((region) =>
    wrong(
      region,
      graph.resources.filter((each) => each.region === region && each.type.startsWith('kubernetes_')),
    ),
  );

/** What holds for the stacks of every environment on Kubernetes: each answers with what breaks it. */
export const kubernetesInvariants = {
  'gives every container requests and limits, within the largest that the namespace takes': (graph: Graph) =>
    broken(graph, (pods) =>
      containersOf(pods).flatMap(({ name, resources }) => {
        const values = [resources?.requests, resources?.limits].flatMap((each) => [each?.cpu, each?.memory]);
        const [cpu, memory, mostCpu, mostMemory] = values.map((value) => quantity(value ?? ''));
        const fits = (cpu ?? NaN) <= (mostCpu ?? NaN) && (memory ?? NaN) <= (mostMemory ?? NaN);
        return fits && (mostCpu ?? NaN) <= 0.5 && (mostMemory ?? NaN) <= 512 ? [] : [name];
      }),
    ),
  'asks every container whether it lives and whether it is ready': (graph: Graph) =>
    broken(graph, ({ spec }) =>
      spec.container.flatMap(({ name, liveness_probe, readiness_probe }) =>
        liveness_probe && readiness_probe ? [] : [name],
      ),
    ),
  'pins every image': (graph: Graph) =>
    broken(graph, (pods) =>
      containersOf(pods).flatMap(({ name, image }) =>
        /@sha256:[0-9a-f]{64}$|^tandem-[a-z]+:\w+$/.test(image) || byTagAlone.includes(image) ? [] : [name],
      ),
    ),
  'restricts every container': (graph: Graph) =>
    broken(graph, (pods) => [
      ...containersOf(pods).flatMap(({ name, security_context }) => {
        const { run_as_user, ...rest } = z
          .looseObject({ run_as_user: z.string() })
          .catch({ run_as_user: '0' })
          .parse(security_context);
        const same = Object.entries(restricted).every(
          ([key, value]) => JSON.stringify(rest[key]) === JSON.stringify(value),
        );
        return same && Number(run_as_user) > 0 ? [] : [name];
      }),
      ...(at(pods.spec.security_context, 'run_as_non_root') === true ? [] : ['the pod']),
    ]),
  'gives pods an account of their own, and no token': (graph: Graph) =>
    broken(graph, ({ component, spec }) => {
      const accounts = graph.resources.filter(
        ({ type, id }) => type === 'kubernetes_service_account_v1' && id === `${component}_account`,
      );
      const silent = accounts.every(
        ({ attributes }) => attributes['automount_service_account_token'] === false,
      );
      return spec.automount_service_account_token === false && silent && accounts.length > 0
        ? []
        : ['has a token'];
    }),
  'denies what no policy of a component admits': (graph: Graph) =>
    inEachRegion(graph, (region) => {
      const denied = policiesOf(graph).some(
        (each) =>
          each.region === region &&
          each.component === undefined &&
          each.ingress.length + each.egress.length === 0 &&
          each.policy_types.join() === 'Ingress,Egress',
      );
      const without = podsOf(graph).filter(
        (pods) =>
          pods.region === region &&
          policiesOf(graph).filter((each) => each.region === region && each.component === pods.component)
            .length !== 1,
      );
      return [...(denied ? [] : [`${region}: nothing is denied`]), ...without.map(({ address }) => address)];
    }),
  'admits between components what both sides admit, and nothing to a port that nobody listens on': (
    graph: Graph,
  ) => {
    const [incoming, outgoing] = [admitted(graph, 'ingress'), admitted(graph, 'egress')];
    const heard = podsOf(graph).flatMap((pods) =>
      pods.spec.container.flatMap(({ port }) =>
        port.map(({ container_port }) => `${pods.region}: ${pods.component}:${container_port}`),
      ),
    );
    const listens = (connection: string) => heard.includes(connection.replace(/: .* to /, ': '));
    return [
      ...incoming.filter((each) => !outgoing.includes(each) || !listens(each)),
      ...outgoing.filter((each) => !incoming.includes(each)),
    ];
  },
  'opens to addresses only node ports, replication and names': (graph: Graph) =>
    policiesOf(graph).flatMap(({ address, component, ingress, egress }) => {
      const byAddress = ({ cidr }: { readonly cidr: string }) => cidr;
      const inbound = ingress
        .filter(({ from }) => from.some(({ ip_block }) => ip_block && byAddress(ip_block) === '0.0.0.0/0'))
        .map(() => component ?? '');
      const wide = egress.filter(({ to }) =>
        to.some(({ ip_block }) => ip_block && !ip_block.cidr.endsWith('/32')),
      );
      const strangers = inbound.filter((each) => !['workload', 'prometheus', 'grafana'].includes(each));
      return [...strangers, ...wide.map(() => 'out')].map((what) => `${address} ${what}`);
    }),
  'fits its pods at their most into the quota, both quotas into 2 CPUs and 12 GiB, and idles within 3 GiB': (
    graph: Graph,
  ) => {
    const quotas = inEachRegion(graph, (_, own) =>
      own.flatMap(({ type, attributes }) =>
        type === 'kubernetes_resource_quota_v1' ? [JSON.stringify(at(attributes, 'spec.hard'))] : [],
      ),
    ).map((hard) => z.record(z.string(), z.string()).parse(JSON.parse(hard)));
    const sum = (of: readonly number[]) => of.reduce((one, other) => one + other, 0);
    const over = graph.deployment.environment.regions.flatMap((region, position) => {
      const hard = quotas[position] ?? {};
      const own = podsOf(graph).filter((pods) => pods.region === region);
      return (['requests', 'limits'] as const).flatMap((kind) =>
        (['cpu', 'memory'] as const).flatMap((resource) => {
          const most = sum(own.map((pods) => pods.most * sizeOf(pods, kind, resource)));
          return most <= quantity(hard[`${kind}.${resource}`] ?? '')
            ? []
            : [`${region}: ${kind}.${resource} ${most}`];
        }),
      );
    });
    const both = (key: string) => sum(quotas.map((hard) => quantity(hard[key] ?? '')));
    const idle = sum(podsOf(graph).map((pods) => pods.usual * sizeOf(pods, 'requests', 'memory')));
    return [
      ...over,
      ...(both('requests.cpu') <= 2 ? [] : ['requests.cpu of both regions']),
      ...(both('limits.memory') <= 12 * 1024 ? [] : ['limits.memory of both regions']),
      ...(idle <= 3 * 1024 ? [] : [`idle: ${idle} MiB`]),
    ];
  },
  'enforces the restricted Pod Security Standard': (graph: Graph) =>
    inEachRegion(graph, (region, own) => {
      const labels = own
        .filter(({ type }) => type === 'kubernetes_namespace_v1')
        .map(({ attributes }) => at(attributes, 'metadata.labels'));
      const enforced = labels
        .map((each) => at({ each }, 'each'))
        .every(
          (each) =>
            z.record(z.string(), z.string()).parse(each)['pod-security.kubernetes.io/enforce'] ===
            'restricted',
        );
      return labels.length === 1 && enforced ? [] : [region];
    }),
} as const;
