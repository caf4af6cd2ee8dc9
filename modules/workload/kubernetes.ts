import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { HorizontalPodAutoscalerV2 } from '@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import { nodePorts } from '../../lib/in-cluster';
import { addresses, anybody, components, policy } from '../namespace/policies';
import { certificateAuthority, container, deployment, metadataOf, selectorOf } from '../pods/kubernetes';
import type { ClusterWorkloadProps } from './contract';

const component = 'workload';
/** As its image has it (apps/reference/Dockerfile). */
const uid = 65532;
const port = 8080;
const certificates = '/etc/tandem-tls';
/** How many pods there are when nothing happens. */
export const leastPods = 2;

/** The workload's settings that are no secret, as apps/reference/config.ts reads them. */
const settingsOf = ({ region, publicName, dnsServer, peerAddresses }: ClusterWorkloadProps) => ({
  PORT: String(port),
  REGION: region,
  // Two pods at least, and PgBouncer lets 200 in.
  DATABASE_POOL_MAX: '20',
  VALKEY_URL: 'redis://valkey:6379',
  WITNESS_NAME: publicName,
  REGION_NAME: `${region}.${publicName}`,
  // By address: the peer's epoch must not depend on who answers for names.
  PEER_URL: `http://${peerAddresses[0]}:${nodePorts.workload}`,
  DNS_SERVER: dnsServer,
  // Nodes still send for a moment after a pod was told to end.
  LINGER_MS: '5000',
});

/**
 * The workload: two pods and more under load, replaced one by one without a request lost. A pod is ready when it can answer, also
 * with a refusal: what takes a region out of service is Route 53's question, not the kubelet's (ADR 0071).
 */
export function workload(scope: Construct, props: ClusterWorkloadProps): void {
  const settings = settingsOf(props);
  const map = new ConfigMapV1(scope, 'workload_settings', {
    metadata: metadataOf(props, component),
    data: settings,
  });
  const size = { cpu: ['100m', '200m'], memory: ['128Mi', '256Mi'] } as const;
  // The password is before the URL that is made of it, as Kubernetes wants.
  const databaseAt = (address: string) => [
    {
      name: 'DATABASE_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'postgres-passwords', key: 'tandem' } },
    },
    {
      name: 'DATABASE_URL',
      value: `postgres://tandem:$(DATABASE_PASSWORD)@${address}/tandem?sslmode=verify-full&sslrootcert=${certificates}/ca.crt`,
    },
  ];
  const volumeMount = [{ name: 'certificates', mountPath: certificates, readOnly: true }];
  const alive = { httpGet: { path: '/health', port: 'workload' } };

  const pods = deployment(
    scope,
    props,
    {
      component,
      gid: uid,
      configuration: settings,
      // What it lingers, drains, and takes to close its connections.
      terminationGracePeriodSeconds: 20,
      initContainer: [
        container({
          name: 'migrate',
          image: props.image,
          uid,
          size,
          args: ['migrate.js'],
          // Past PgBouncer: the lock that keeps two from migrating at once belongs to a session.
          env: databaseAt('postgres:5432'),
          volumeMount,
        }),
      ],
      container: [
        container({
          name: component,
          image: props.image,
          uid,
          size,
          envFrom: [{ configMapRef: { name: map.metadata.name } }],
          env: databaseAt('pgbouncer:6432'),
          port: [{ name: 'workload', containerPort: port }],
          readinessProbe: {
            ...alive,
            initialDelaySeconds: 5,
            periodSeconds: 5,
            timeoutSeconds: 2,
            failureThreshold: 2,
          },
          livenessProbe: { ...alive, initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5 },
          volumeMount,
        }),
      ],
      volume: [certificateAuthority],
      topologySpreadConstraint: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: [{ matchLabels: selectorOf(component) }],
        },
      ],
    },
    {
      replicas: String(leastPods),
      minReadySeconds: 5,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '1', maxUnavailable: '0' } },
    },
    // How many there are is the autoscaler's, from the first on.
    { ignoreChanges: ['spec[0].replicas'] },
  );
  new HorizontalPodAutoscalerV2(scope, 'workload_scale', {
    metadata: metadataOf(props, component),
    spec: {
      minReplicas: leastPods,
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: pods.metadata.name },
      metric: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
      ],
    },
  });
  new PodDisruptionBudgetV1(scope, 'workload_budget', {
    metadata: metadataOf(props, component),
    spec: { minAvailable: '1', selector: { matchLabels: selectorOf(component) } },
  });
  new ServiceV1(scope, 'workload_service', {
    metadata: metadataOf(props, component),
    spec: {
      type: 'NodePort',
      selector: selectorOf(component),
      port: [{ name: 'workload', port: 80, targetPort: 'workload', nodePort: nodePorts.workload }],
    },
  });
  new ServiceV1(scope, 'workload_pods', {
    metadata: metadataOf(props, component, 'workload-pods'),
    spec: {
      // Headless: a name for each pod, for Prometheus.
      clusterIp: 'None',
      selector: selectorOf(component),
      port: [{ name: 'workload', port, targetPort: 'workload' }],
    },
  });
  const [dnsAddress = '', dnsPort] = props.dnsServer.split(':');
  policy(scope, props, component, {
    from: [
      { ends: [anybody], ports: [port] },
      { ends: components('prometheus', 'autopilot'), ports: [port] },
    ],
    to: [
      { ends: components('pgbouncer'), ports: [6432] },
      { ends: components('postgres'), ports: [5432] },
      { ends: components('valkey'), ports: [6379] },
      { ends: addresses(props.peerAddresses), ports: [nodePorts.workload] },
      { ends: addresses([dnsAddress]), ports: [Number(dnsPort)], udp: true },
    ],
  });
}
