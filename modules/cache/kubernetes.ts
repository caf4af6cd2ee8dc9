import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import { nodePorts } from '../../lib/in-cluster';
import { scrapers, serviceMonitor } from '../monitoring/service-monitor';
import { addresses, components, policy } from '../namespace/policies';
import { container, files, metadataOf, selectorOf, store } from '../pods/kubernetes';
import type { ClusterCacheProps } from './contract';
import maxmemory from './kubernetes/maxmemory.sh';
import replicationConf from './kubernetes/replication.conf';
import start from './kubernetes/start.sh';
import valkeyConf from './kubernetes/valkey.conf';

const component = 'valkey';
/** The user `valkey` of the official image. */
const uid = 999;
const port = 6379;
/** By TLS, for the peer's. */
const replicationPort = 6380;
const memoryMi = 128;
const configured = '/etc/tandem';

/** The guardrails of docs/valkey.md: one pod of our own, a ceiling below its limit, nothing evicted, what it holds on disk. */
export function valkey(scope: Construct, props: ClusterCacheProps): void {
  const { peer } = props;
  const configuration = {
    'valkey.conf': peer ? valkeyConf + replicationConf : valkeyConf,
    'maxmemory.sh': maxmemory,
    'start.sh': start,
  };
  // It answers while it still loads; then it is alive, and not ready.
  const ping = (answer: string) => ({
    exec: { command: ['sh', '-c', `valkey-cli -h 127.0.0.1 ping | grep -qE '${answer}'`] },
  });
  store(
    scope,
    props,
    {
      component,
      gid: uid,
      configuration,
      terminationGracePeriodSeconds: 30,
      container: [
        container({
          name: component,
          image: props.images.valkey,
          uid,
          size: { cpu: ['50m', '100m'], memory: ['64Mi', `${memoryMi}Mi`] },
          command: ['sh', `${configured}/start.sh`],
          env: [
            { name: 'CONFIG', value: configured },
            { name: 'CGROUP', value: '/sys/fs/cgroup' },
            { name: 'FALLBACK', value: String(Math.floor((memoryMi * 2 ** 20 * 4) / 5)) },
          ],
          port: [
            { name: 'valkey', containerPort: port },
            ...(peer ? [{ name: 'replication', containerPort: replicationPort }] : []),
          ],
          startupProbe: { ...ping('^PONG$'), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 },
          readinessProbe: { ...ping('^PONG$'), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
          livenessProbe: {
            ...ping('^(PONG$|LOADING)'),
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 6,
          },
          volumeMount: [
            { name: 'data', mountPath: '/data' },
            { name: 'configuration', mountPath: configured, readOnly: true },
            ...(peer ? [{ name: 'certificates', mountPath: '/etc/tandem-tls', readOnly: true }] : []),
          ],
        }),
        container({
          name: 'exporter',
          image: props.images.valkeyExporter,
          uid,
          size: { cpu: ['10m', '50m'], memory: ['16Mi', '32Mi'] },
          env: [
            { name: 'REDIS_ADDR', value: `redis://127.0.0.1:${port}` },
            { name: 'REDIS_EXPORTER_NAMESPACE', value: 'valkey' },
            // How many jobs wait in each queue of BullMQ.
            { name: 'REDIS_EXPORTER_CHECK_KEYS', value: 'bull:*:wait' },
          ],
          port: [{ name: 'metrics', containerPort: 9121 }],
          readinessProbe: { httpGet: { path: '/health', port: 'metrics' }, periodSeconds: 10 },
          livenessProbe: {
            httpGet: { path: '/health', port: 'metrics' },
            periodSeconds: 30,
            timeoutSeconds: 5,
          },
        }),
      ],
      volume: [
        { ...files(scope, props, component, configuration), name: 'configuration' },
        ...(peer
          ? [{ name: 'certificates', secret: { secretName: 'valkey-tls', defaultMode: '0440' } }]
          : []),
      ],
    },
    { storageGb: 1 },
  );
  new ServiceV1(scope, 'valkey_service', {
    metadata: metadataOf(props, component),
    spec: {
      selector: selectorOf(component),
      port: [
        { name: 'valkey', port, targetPort: 'valkey' },
        { name: 'metrics', port: 9121, targetPort: 'metrics' },
      ],
    },
  });
  if (peer)
    new ServiceV1(scope, 'valkey_replication', {
      metadata: metadataOf(props, component, 'valkey-replication'),
      spec: {
        type: 'NodePort',
        selector: selectorOf(component),
        // As for PostgreSQL: the peer's address stays visible to the policy.
        externalTrafficPolicy: 'Local',
        port: [
          {
            name: 'replication',
            port: replicationPort,
            targetPort: 'replication',
            nodePort: nodePorts.cacheReplication,
          },
        ],
      },
    });
  if (props.serviceMonitors) serviceMonitor(scope, props, component);
  policy(scope, props, component, {
    from: [
      { ends: components('workload'), ports: [port] },
      { ends: scrapers(props.serviceMonitors), ports: [9121] },
      ...(peer
        ? [
            { ends: components('postgres'), ports: [port] },
            { ends: addresses(peer.addresses), ports: [replicationPort] },
          ]
        : []),
    ],
    to: peer ? [{ ends: addresses(peer.addresses), ports: [nodePorts.cacheReplication] }] : [],
  });
}
