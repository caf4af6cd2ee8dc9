import { LimitRangeV1 } from '@cdktf/provider-kubernetes/lib/limit-range-v1';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { ResourceQuotaV1 } from '@cdktf/provider-kubernetes/lib/resource-quota-v1';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { namespace as name } from '../../lib/in-cluster';
import { versions } from '../../lib/versions';
import type { Place } from '../named';
import { metadataOf } from '../pods/kubernetes';

/** The most that a region's namespace takes: half of the 2 CPUs and 12 GiB that an environment on Kubernetes has to fit. */
const quota = {
  // What the scheduler sets apart. Limits of CPU are more: nobody needs them all at once, and CPU is not lost when it is short.
  'requests.cpu': '1',
  'requests.memory': '3Gi',
  'limits.cpu': '4',
  'limits.memory': '6Gi',
  pods: '20',
  persistentvolumeclaims: '4',
  'services.loadbalancers': '0',
} as const;

/**
 * A region's namespace and its guard rails: the restricted Pod Security Standard enforced, nothing in and nothing out unless a
 * policy admits it, limits for what forgets its own, and a quota.
 */
export function namespace(scope: Construct, place: Place): readonly ITerraformDependable[] {
  const standard = { level: 'restricted', version: `v${versions.kubernetes}` };
  const { labels } = metadataOf(place, name);
  const created = new NamespaceV1(scope, 'namespace', {
    metadata: {
      name,
      labels: {
        ...labels,
        ...Object.fromEntries(
          ['enforce', 'audit', 'warn'].flatMap((mode) => [
            [`pod-security.kubernetes.io/${mode}`, standard.level],
            [`pod-security.kubernetes.io/${mode}-version`, standard.version],
          ]),
        ),
      },
    },
  });
  const within = { dependsOn: [created] };
  return [
    created,
    new ResourceQuotaV1(scope, 'quota', {
      ...within,
      metadata: metadataOf(place, 'namespace', 'quota'),
      spec: { hard: { ...quota } },
    }),
    new LimitRangeV1(scope, 'limits', {
      ...within,
      metadata: metadataOf(place, 'namespace', 'limits'),
      spec: {
        limit: [
          {
            type: 'Container',
            default: { cpu: '100m', memory: '64Mi' },
            defaultRequest: { cpu: '10m', memory: '16Mi' },
            max: { cpu: '500m', memory: '512Mi' },
          },
        ],
      },
    }),
    new NetworkPolicyV1(scope, 'deny_all', {
      ...within,
      metadata: metadataOf(place, 'namespace', 'deny-all'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    }),
    new NetworkPolicyV1(scope, 'names', {
      ...within,
      metadata: metadataOf(place, 'namespace', 'names'),
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            ports: ['TCP', 'UDP'].map((protocol) => ({ port: '53', protocol })),
          },
        ],
      },
    }),
  ];
}
