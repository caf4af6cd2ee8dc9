import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import { nodePorts, slotOf } from '../../lib/in-cluster';
import { scrapers, serviceMonitor } from '../monitoring/service-monitor';
import { addresses, components, policy } from '../namespace/policies';
import { container, files, metadataOf, scratch, selectorOf, store } from '../pods/kubernetes';
import type { ClusterPostgresProps } from './contract';
import { follower, followerFiles } from './follower';
import firstSql from './kubernetes/first.sql';
import pgHba from './kubernetes/pg_hba.conf';
import pgIdent from './kubernetes/pg_ident.conf';
import prepare from './kubernetes/prepare.sh';
import { paths, settingsOf } from './settings';

const component = 'postgres';
/** The user `postgres` of the official image, which owns the data. */
const uid = 999;

/**
 * A region's PostgreSQL in its cluster, the same in both regions but for the peer's address. What makes it a standby is its
 * data (kubernetes/prepare.sh), so that a promotion changes nothing here; the role is told in a ConfigMap that only a start
 * without data, or with data of an older generation, looks at.
 */
export function postgres(scope: Construct, props: ClusterPostgresProps): void {
  const { region, peer, images } = props;
  const role = new ConfigMapV1(scope, 'postgres_role', {
    metadata: metadataOf(props, component, 'postgres-role'),
    data: { role: props.role, generation: String(props.generation) },
  });
  const configuration = {
    'postgresql.conf': settingsOf(props),
    'pg_hba.conf': pgHba,
    'pg_ident.conf': pgIdent,
    'first.sql': firstSql,
    'prepare.sh': prepare,
    ...(props.cacheFollows && followerFiles),
  };
  const from = (name: string, key: string) => ({ valueFrom: { configMapKeyRef: { name, key } } });
  const secret = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'postgres-passwords', key } } });
  const mounts = [
    { name: 'data', mountPath: paths.volume },
    { name: 'configuration', mountPath: paths.configuration, readOnly: true },
    { name: 'certificates', mountPath: paths.certificates, readOnly: true },
    { name: 'sockets', mountPath: paths.sockets },
    { name: 'tmp', mountPath: '/tmp' },
  ];
  const size = { cpu: ['100m', '500m'], memory: ['256Mi', '512Mi'] } as const;
  const command = (text: string) => ({ exec: { command: ['sh', '-c', text] } });

  store(
    scope,
    props,
    {
      component,
      gid: uid,
      configuration,
      terminationGracePeriodSeconds: 60,
      initContainer: [
        container({
          name: 'prepare',
          image: images.postgres,
          uid,
          size,
          command: ['sh', `${paths.configuration}/prepare.sh`],
          env: [
            { name: 'PGDATA', value: paths.data },
            { name: 'ROLE', ...from(role.metadata.name, 'role') },
            { name: 'GENERATION', ...from(role.metadata.name, 'generation') },
            { name: 'SLOT', value: slotOf(region) },
            { name: 'PEER_HOSTS', value: peer.addresses.join(',') },
            { name: 'PEER_PORT', value: String(nodePorts.replication) },
            { name: 'TANDEM_PASSWORD', ...secret('tandem') },
            { name: 'REPLICATOR_PASSWORD', ...secret('replicator') },
            { name: 'AUTOPILOT_PASSWORD', ...secret('autopilot') },
            { name: 'CONFIG', value: paths.configuration },
            { name: 'CA', value: `${paths.certificates}/ca.crt` },
            { name: 'PGPASSFILE', value: paths.passwords },
            { name: 'SOCKETS', value: paths.sockets },
          ],
          volumeMount: mounts,
        }),
      ],
      container: [
        container({
          name: component,
          image: images.postgres,
          uid,
          size,
          command: ['postgres', '-D', paths.data, '-c', `config_file=${paths.configuration}/postgresql.conf`],
          env: [
            { name: 'PGDATA', value: paths.data },
            { name: 'PGHOST', value: paths.sockets },
          ],
          port: [{ name: 'postgres', containerPort: 5432 }],
          volumeMount: mounts,
          // Minutes after a crash: recovery first.
          startupProbe: {
            ...command('pg_isready -q'),
            periodSeconds: 2,
            timeoutSeconds: 2,
            failureThreshold: 300,
          },
          readinessProbe: {
            ...command('pg_isready -q'),
            periodSeconds: 5,
            timeoutSeconds: 2,
            failureThreshold: 2,
          },
          // 2 is no answer at all; one that only says "not yet" is alive.
          livenessProbe: {
            ...command('pg_isready -q; [ $? -ne 2 ]'),
            periodSeconds: 10,
            timeoutSeconds: 5,
            failureThreshold: 6,
          },
          // SIGTERM alone would wait for every client to leave. Waiting is the grace period's: the hook ends with its container.
          lifecycle: { preStop: [command('pg_ctl stop --mode fast --no-wait --silent')] },
        }),
        container({
          name: 'exporter',
          image: images.postgresExporter,
          // The same user as PostgreSQL's, which the socket knows it by.
          uid,
          size: { cpu: ['10m', '50m'], memory: ['16Mi', '64Mi'] },
          env: [
            {
              name: 'DATA_SOURCE_NAME',
              value: `host=${paths.sockets} user=monitor dbname=postgres sslmode=disable`,
            },
          ],
          port: [{ name: 'metrics', containerPort: 9187 }],
          volumeMount: [{ name: 'sockets', mountPath: paths.sockets }],
          readinessProbe: { httpGet: { path: '/', port: 'metrics' }, periodSeconds: 10 },
          livenessProbe: { httpGet: { path: '/', port: 'metrics' }, periodSeconds: 30, timeoutSeconds: 5 },
        }),
        ...(props.cacheFollows ? [follower(props, uid)] : []),
      ],
      volume: [
        { ...files(scope, props, component, configuration), name: 'configuration' },
        { name: 'certificates', secret: { secretName: 'postgres-tls', defaultMode: '0440' } },
        scratch('sockets', '1Mi', 'Memory'),
        scratch('tmp', '64Mi'),
      ],
    },
    props,
  );

  new ServiceV1(scope, 'postgres_service', {
    metadata: metadataOf(props, component),
    spec: {
      selector: selectorOf(component),
      port: [
        { name: 'postgres', port: 5432, targetPort: 'postgres' },
        { name: 'metrics', port: 9187, targetPort: 'metrics' },
      ],
    },
  });
  new ServiceV1(scope, 'postgres_replication', {
    metadata: metadataOf(props, component, 'postgres-replication'),
    spec: {
      type: 'NodePort',
      selector: selectorOf(component),
      // The peer's address stays visible, so that the policy can tell it from others.
      externalTrafficPolicy: 'Local',
      port: [{ name: 'postgres', port: 5432, targetPort: 'postgres', nodePort: nodePorts.replication }],
    },
  });
  if (props.serviceMonitors) serviceMonitor(scope, props, component);
  policy(scope, props, component, {
    from: [
      // The workload migrates past PgBouncer, which keeps no session, and the autopilot asks this very server.
      {
        ends: [...components('pgbouncer', 'workload', 'autopilot'), ...addresses(peer.addresses)],
        ports: [5432],
      },
      { ends: scrapers(props.serviceMonitors), ports: [9187] },
    ],
    to: [
      { ends: addresses(peer.addresses), ports: [nodePorts.replication] },
      ...(props.cacheFollows ? [{ ends: components('valkey'), ports: [6379] }] : []),
    ],
  });
}
