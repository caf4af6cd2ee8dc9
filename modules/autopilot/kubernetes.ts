import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import { nodePorts } from '../../lib/in-cluster';
import { addresses, components, policy } from '../namespace/policies';
import { certificateAuthority, container, deployment, metadataOf, selectorOf } from '../pods/kubernetes';
import type { ClusterAutopilotProps } from './contract';

const component = 'autopilot';
/** As its image has it, which is the workload's (apps/reference/Dockerfile). */
const uid = 65532;
const port = 8080;
const certificates = '/etc/tandem-tls';

/** Its settings that are no secret, as cli/kubernetes/watch.ts reads them. */
const settingsOf = ({ environment, region, peer, timing, nameServer, ...props }: ClusterAutopilotProps) => ({
  PORT: String(port),
  ENVIRONMENT: environment,
  REGION: region,
  PEER_REGION: peer.region,
  MODE: props.mode,
  WINDOW_SECONDS: String(timing.window),
  PATIENCE_SECONDS: String(timing.patience),
  GAP_SECONDS: String(timing.gap),
  RPO_SECONDS: String(timing.rpo),
  PUBLIC_NAME: props.publicName,
  OWN_HEALTH_URL: `http://workload${props.healthPath}`,
  // By address: whether the peer serves must not depend on who answers for names.
  PEER_HEALTH_URL: `http://${peer.addresses[0]}:${nodePorts.workload}${props.healthPath}`,
  PEER_DATABASE_PORT: String(nodePorts.replication),
  PODS_NAME: 'workload-pods',
  LEAST_PODS: String(props.leastPods),
  DNS_SERVER: `${nameServer.address}:${nameServer.port}`,
  CONTROL_URL: `http://${nameServer.address}:${nameServer.controlPort}`,
});

/**
 * What fails over to a region's cluster without a person: one pod, the same in both regions and in every role, which acts where
 * PostgreSQL says that it is a standby. It has no right in any Kubernetes API: it promotes by SQL (ADR 0084).
 */
export function autopilot(scope: Construct, props: ClusterAutopilotProps): void {
  const settings = settingsOf(props);
  const map = new ConfigMapV1(scope, 'autopilot_settings', {
    metadata: metadataOf(props, component),
    data: settings,
  });
  const secret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
  const looks = { httpGet: { path: '/', port: 'autopilot' }, periodSeconds: 10, timeoutSeconds: 5 };
  deployment(
    scope,
    props,
    {
      component,
      gid: uid,
      configuration: settings,
      // A promotion under way may take 30 seconds.
      terminationGracePeriodSeconds: 40,
      container: [
        container({
          name: component,
          image: props.image,
          uid,
          // Rounds that come late on a busy node are no continuous watch.
          size: { cpu: ['50m', '300m'], memory: ['64Mi', '128Mi'] },
          args: ['watch.js'],
          envFrom: [{ configMapRef: { name: map.metadata.name } }],
          env: [
            { name: 'CONTROL_TOKEN', ...secret('name-server', 'token') },
            { name: 'DATABASE_PASSWORD', ...secret('postgres-passwords', 'autopilot') },
            {
              name: 'DATABASE_URL',
              value: `postgres://autopilot:$(DATABASE_PASSWORD)@postgres:5432/postgres?sslmode=verify-full&sslrootcert=${certificates}/ca.crt`,
            },
          ],
          port: [{ name: 'autopilot', containerPort: port }],
          readinessProbe: { ...looks, failureThreshold: 2 },
          // While it fails over it does not look: longer than that may take.
          livenessProbe: { ...looks, failureThreshold: 18 },
          volumeMount: [{ name: 'certificates', mountPath: certificates, readOnly: true }],
        }),
      ],
      volume: [certificateAuthority],
    },
    // One after the other: two would both close the latch and promote.
    { replicas: '1', strategy: { type: 'Recreate' } },
  );
  new ServiceV1(scope, 'autopilot_service', {
    metadata: metadataOf(props, component),
    spec: {
      selector: selectorOf(component),
      port: [{ name: 'autopilot', port, targetPort: 'autopilot' }],
    },
  });
  const { nameServer, peer } = props;
  policy(scope, props, component, {
    from: [{ ends: components('prometheus'), ports: [port] }],
    to: [
      { ends: components('postgres'), ports: [5432] },
      { ends: components('workload'), ports: [8080] },
      { ends: addresses([peer.addresses[0]]), ports: [nodePorts.workload] },
      { ends: addresses(peer.addresses), ports: [nodePorts.replication] },
      { ends: addresses([nameServer.address]), ports: [nameServer.port], udp: true },
      { ends: addresses([nameServer.address]), ports: [nameServer.controlPort] },
    ],
  });
}
