import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import { components, policy } from '../namespace/policies';
import type { Place } from '../named';
import { container, deployment, files, metadataOf, scratch, selectorOf } from '../pods/kubernetes';
import start from './kubernetes/start.sh';

const component = 'pgbouncer';
/** `postgres` in the image; any other would do. */
const uid = 70;
const port = 6432;

const at = { configuration: '/etc/tandem', certificates: '/etc/tandem-tls', credentials: '/run/pgbouncer' };

/** pgbouncer.ini. Times in seconds. */
const settings = `[databases]
; A statement ends by itself before the workload gives up on it (apps/reference/server.ts).
tandem = host=postgres port=5432 connect_query='SET statement_timeout TO 5000'

[pgbouncer]
listen_addr = 0.0.0.0
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${at.credentials}/users
pool_mode = transaction
max_client_conn = 200
default_pool_size = 50
; What the workload's driver says when it connects, and a pooled session has from connect_query.
ignore_startup_parameters = statement_timeout
; A database that was away for a moment is asked again at once, and nobody waits long for it.
server_connect_timeout = 2
server_login_retry = 1
query_wait_timeout = 5
client_tls_sslmode = require
client_tls_cert_file = ${at.certificates}/tls.crt
client_tls_key_file = ${at.certificates}/tls.key
server_tls_sslmode = verify-full
server_tls_ca_file = ${at.certificates}/ca.crt
log_connections = 0
log_disconnections = 0
`;

/** What stands between the workload and PostgreSQL: 200 connections at most, over 50 of the database's. */
export function pgbouncer(scope: Construct, place: Place, image: string): void {
  const configuration = { 'pgbouncer.ini': settings, 'start.sh': start };
  const probe = { tcpSocket: [{ port: 'pgbouncer' }] };
  deployment(
    scope,
    place,
    {
      component,
      gid: uid,
      configuration,
      terminationGracePeriodSeconds: 15,
      container: [
        container({
          name: component,
          image,
          uid,
          size: { cpu: ['10m', '100m'], memory: ['16Mi', '64Mi'] },
          command: ['sh', `${at.configuration}/start.sh`],
          env: [
            { name: 'CONFIG', value: `${at.configuration}/pgbouncer.ini` },
            { name: 'CREDENTIALS', value: `${at.credentials}/users` },
            {
              name: 'TANDEM_PASSWORD',
              valueFrom: { secretKeyRef: { name: 'postgres-passwords', key: 'tandem' } },
            },
          ],
          port: [{ name: 'pgbouncer', containerPort: port }],
          readinessProbe: { ...probe, periodSeconds: 5 },
          livenessProbe: { ...probe, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
          volumeMount: [
            { name: 'configuration', mountPath: at.configuration, readOnly: true },
            { name: 'certificates', mountPath: at.certificates, readOnly: true },
            { name: 'credentials', mountPath: at.credentials },
          ],
        }),
      ],
      volume: [
        { ...files(scope, place, component, configuration), name: 'configuration' },
        { name: 'certificates', secret: { secretName: 'postgres-tls', defaultMode: '0440' } },
        scratch('credentials', '1Mi', 'Memory'),
      ],
    },
    {
      replicas: '1',
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '1', maxUnavailable: '0' } },
    },
  );
  new ServiceV1(scope, 'pgbouncer_service', {
    metadata: metadataOf(place, component),
    spec: {
      selector: selectorOf(component),
      port: [{ name: 'pgbouncer', port, targetPort: 'pgbouncer' }],
    },
  });
  policy(scope, place, component, {
    from: [{ ends: components('workload'), ports: [port] }],
    to: [{ ends: components('postgres'), ports: [5432] }],
  });
}
