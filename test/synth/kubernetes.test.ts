import { parseEnvironment } from '../../environments';
import { bytesOf, kubernetesDeployments, stackOf } from './graph';
import { kubernetesInvariants } from './invariants/kubernetes';
import { podsOf } from './pods';
import { at, bothWays, graphOf, type Graph } from './resources';

const graphs = kubernetesDeployments
  .flatMap(bothWays)
  .flatMap((deployment) => [graphOf(deployment), graphOf({ ...deployment, mode: 'live' })]);
const [local, replicated] = kubernetesDeployments.map(graphOf);
if (!local || !replicated) throw new TypeError('no environment on Kubernetes');
const cacheOf = ({ deployment: { environment } }: Graph): string =>
  environment === replicated.deployment.environment ? ', its cache replicated' : '';

describe.each(Object.entries(kubernetesInvariants))('%s', (sentence, violations) => {
  it.each(
    graphs.map((graph) => ({
      graph,
      title: `${graph.deployment.environment.name} ${graph.deployment.mode}${cacheOf(graph)}`,
    })),
  )('in $title', ({ graph }) => expect(violations(graph)).toEqual([]));

  it.each(mistakes(sentence))('and notices %s of %s', (path, id, value) => {
    expect(violations(changed(replicated, id, path, value)).length).toBeGreaterThan(0);
  });
});

/** One thing that is wrong, and the invariant that has to notice. */
function mistakes(sentence: string): readonly (readonly [path: string, id: string, value: unknown])[] {
  const first = 'spec.template.spec.container.0';
  const known: Readonly<
    Record<keyof typeof kubernetesInvariants, readonly (readonly [string, string, unknown])[]>
  > = {
    'gives every container requests and limits, within the largest that the namespace takes': [
      [`${first}.resources`, 'kubernetes_stateful_set_v1.postgres', undefined],
      [`${first}.resources.limits.memory`, 'kubernetes_stateful_set_v1.valkey', '2Gi'],
      ['spec.template.spec.init_container.0.resources', 'kubernetes_deployment_v1.workload', undefined],
    ],
    'asks every container whether it lives and whether it is ready': [
      [`${first}.liveness_probe`, 'kubernetes_deployment_v1.pgbouncer', undefined],
    ],
    'pins every image': [
      [`${first}.image`, 'kubernetes_deployment_v1.prometheus', 'quay.io/prometheus/prometheus:latest'],
      [`${first}.image`, 'kubernetes_deployment_v1.prometheus', 'quay.io/prometheus/prometheus'],
    ],
    'restricts every container': [
      [`${first}.security_context.run_as_non_root`, 'kubernetes_deployment_v1.workload', false],
      [`${first}.security_context.run_as_user`, 'kubernetes_deployment_v1.workload', '0'],
      [
        'spec.template.spec.init_container.0.security_context',
        'kubernetes_stateful_set_v1.postgres',
        undefined,
      ],
      ['spec.template.spec.security_context.run_as_non_root', 'kubernetes_stateful_set_v1.postgres', false],
    ],
    'gives pods an account of their own, and no token': [
      ['spec.template.spec.automount_service_account_token', 'kubernetes_deployment_v1.grafana', true],
      ['automount_service_account_token', 'kubernetes_service_account_v1.valkey_account', true],
    ],
    'denies what no policy of a component admits': [
      ['spec.policy_types', 'kubernetes_network_policy_v1.deny_all', ['Ingress']],
      ['spec.pod_selector', 'kubernetes_network_policy_v1.valkey_policy', {}],
    ],
    'admits between components what both sides admit, and nothing to a port that nobody listens on': [
      ['spec.ingress', 'kubernetes_network_policy_v1.valkey_policy', []],
      ['spec.egress.0.ports.0.port', 'kubernetes_network_policy_v1.workload_policy', '5433'],
      ['spec.egress', 'kubernetes_network_policy_v1.postgres_policy', []],
    ],
    'opens to addresses only node ports, replication and names': [
      [
        'spec.ingress.0.from.0',
        'kubernetes_network_policy_v1.postgres_policy',
        { ip_block: { cidr: '0.0.0.0/0' } },
      ],
      [
        'spec.egress.0.to.0',
        'kubernetes_network_policy_v1.postgres_policy',
        { ip_block: { cidr: '10.0.0.0/8' } },
      ],
      [
        'spec.ingress.3.from.0',
        'kubernetes_network_policy_v1.valkey_policy',
        { ip_block: { cidr: '0.0.0.0/0' } },
      ],
    ],
    'fits its pods at their most into the quota, both quotas into 2 CPUs and 12 GiB, and idles within 3 GiB':
      [
        ['spec.max_replicas', 'kubernetes_horizontal_pod_autoscaler_v2.workload_scale', 9],
        ['spec.hard', 'kubernetes_resource_quota_v1.quota', { 'requests.cpu': '2' }],
        [`${first}.resources.requests.memory`, 'kubernetes_deployment_v1.workload', '900Mi'],
      ],
    'enforces the restricted Pod Security Standard': [
      ['metadata.labels', 'kubernetes_namespace_v1.namespace', {}],
    ],
  };
  return Object.entries(known).find(([name]) => name === sentence)?.[1] ?? [];
}

/** A graph in which one value of a resource is another. */
function changed(graph: Graph, address: string, path: string, value: unknown): Graph {
  const resources = graph.resources.map((each) => {
    if (`${each.type}.${each.id}` !== address) return each;
    const attributes = structuredClone(each.attributes);
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const parent = steps.reduce<unknown>(
      (node, step) => (typeof node === 'object' && node ? Reflect.get(node, step) : undefined),
      attributes,
    );
    if (typeof parent !== 'object' || !parent) throw new TypeError(`${address} has no ${path}`);
    Reflect.set(parent, last, value);
    return { ...each, attributes };
  });
  expect(resources).not.toEqual(graph.resources);
  return { ...graph, resources };
}

const both = [local, replicated].map((graph) => ({ graph, title: `local${cacheOf(graph)}` }));

it.each(both)('tells a failover from a rebuild in one ConfigMap, and in no pod: $title', ({ graph }) => {
  const [one, other] = bothWays(graph.deployment);
  if (!one || !other) throw new TypeError('nothing to compare');
  const differing = graphOf(one).stacks.flatMap((stack) => {
    const twin = stackOf(other, stack.layer, stack.region);
    return bytesOf(stack) === bytesOf(twin) ? [] : [stack.layer];
  });
  expect(new Set(differing)).toEqual(new Set(['data']));
  const [before, after] = [one, other].map((each) =>
    graphOf(each).resources.filter(
      ({ type, id }) => `${type}.${id}` !== 'kubernetes_config_map_v1.postgres_role',
    ),
  );
  expect(after).toEqual(before);
});

it.each(both)(
  'differs between regions only in names, places and the peer’s addresses: $title',
  ({ graph }) => {
    const bytes = (region: string) => bytesOf(stackOf(graph.deployment, 'data', region));
    const [first, second] = graph.deployment.environment.regions;
    const placed = (text: string) =>
      text
        .replaceAll(/us-(east-1|west-2)/g, '<region>')
        .replaceAll(/us_(east_1|west_2)/g, '<region>')
        .replaceAll(/192\.0\.2\.[12]/g, '<peer>')
        .replaceAll(/"(tandem\/configuration|role|generation)": "\w+"/g, '');
    expect(placed(bytes(second))).toBe(placed(bytes(first)));
  },
);

it('replicates a cache by what that takes: the peer’s nodes by TLS, and what asks PostgreSQL without data or key', () => {
  const bytes = ({ resources }: Graph) =>
    new Map(resources.map(({ address, attributes }) => [address, JSON.stringify(attributes)]));
  const before = bytes(local);
  const differing = [...bytes(replicated)].filter(([address, text]) => before.get(address) !== text);
  const [first] = local.deployment.environment.regions;
  expect(differing.flatMap(([address]) => (address.includes(first) ? address.split(': ')[1] : []))).toEqual([
    'kubernetes_config_map_v1.postgres_files',
    'kubernetes_config_map_v1.valkey_files',
    'kubernetes_network_policy_v1.postgres_policy',
    'kubernetes_network_policy_v1.valkey_policy',
    'kubernetes_service_v1.valkey_replication',
    'kubernetes_stateful_set_v1.postgres',
    'kubernetes_stateful_set_v1.valkey',
  ]);
  const [asks] = podsOf(replicated).flatMap(({ spec }) =>
    spec.container.filter(({ name }) => name === 'cache-follows'),
  );
  expect(asks?.['volume_mount']).toEqual([
    { name: 'configuration', mount_path: '/etc/tandem', read_only: true },
    { name: 'sockets', mount_path: '/run/postgresql' },
    { name: 'tmp', mount_path: '/tmp' },
  ]);
  expect(JSON.stringify(asks)).not.toContain('secret');
  const opened = replicated.resources.find(({ id }) => id === 'valkey_policy');
  expect(at(opened?.attributes, 'spec.egress')).toEqual([
    { to: [{ ip_block: { cidr: '192.0.2.2/32' } }], ports: [{ port: '30379', protocol: 'TCP' }] },
  ]);
  const files = replicated.resources.find(({ id }) => id === 'valkey_files');
  expect(at(files?.attributes, 'data')).toHaveProperty(
    ['valkey.conf'],
    expect.stringMatching(/^tls-auth-clients yes\ntls-replication yes$/m),
  );
});

it('leaves a component out whose image is mapped to nothing', () => {
  const [image] = podsOf(local)
    .filter(({ component }) => component === 'grafana')
    .flatMap(({ spec }) => spec.container.map((each) => each.image));
  const without = graphOf({ ...local.deployment, images: { [image ?? '']: null } });
  expect(podsOf(without).map(({ component }) => component)).not.toContain('grafana');
  expect(podsOf(without).length).toBe(podsOf(local).length - 2);
});

it('shows a script to Terraform as it is', () => {
  const scripts = local.resources
    .map(({ attributes }) => at(attributes, 'data'))
    .filter((data) => JSON.stringify(data ?? '').includes('#limit'));
  expect(JSON.stringify(scripts)).toContain('$${#limit}');
});

it('tells an operator of Prometheus of the exporters, and lets it in, where the environment says so', () => {
  const { environment, ...more } = local.deployment;
  const told = graphOf({
    ...more,
    environment: parseEnvironment({ ...environment, serviceMonitors: true }, 'here'),
  });
  const monitors = told.resources.filter(({ type }) => type === 'kubernetes_manifest');
  expect(
    monitors.map(({ region, attributes }) => [
      region,
      at(attributes, 'manifest.kind'),
      at(attributes, 'manifest.metadata.name'),
    ]),
  ).toEqual(
    environment.regions.flatMap((region) =>
      ['postgres', 'valkey'].map((name) => [region, 'ServiceMonitor', name]),
    ),
  );
  const elsewhere = (graph: Graph) =>
    graph.resources.filter(
      ({ type, attributes, id }) =>
        type === 'kubernetes_network_policy_v1' &&
        id !== 'names' &&
        JSON.stringify(attributes).includes('"namespace_selector":{}'),
    );
  expect(elsewhere(told).map(({ id }) => id)).toEqual([
    'postgres_policy',
    'valkey_policy',
    'postgres_policy',
    'valkey_policy',
  ]);
  expect(elsewhere(local)).toEqual([]);
});
