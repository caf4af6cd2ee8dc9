import { nodePorts, slotOf } from '../../lib/in-cluster';
import type { ClusterPostgresProps } from './contract';
import { walKeptMb } from './wal';

/** Where things are in the pod. */
export const paths = {
  volume: '/var/lib/postgresql/data',
  data: '/var/lib/postgresql/data/pgdata',
  configuration: '/etc/tandem',
  certificates: '/etc/tandem-tls',
  sockets: '/run/postgresql',
  passwords: '/run/postgresql/passwords',
} as const;

/**
 * postgresql.conf of a region, the same in every role: what concerns a standby counts while `standby.signal` is there, and not
 * before or after. It is outside of the data directory, so that no base backup carries one region's settings to the other.
 */
export function settingsOf({ region, peer, storageGb }: ClusterPostgresProps): string {
  const { certificates, configuration, sockets, passwords } = paths;
  const upstream = {
    host: peer.addresses.join(','),
    port: nodePorts.replication,
    user: 'replicator',
    passfile: passwords,
    application_name: slotOf(region),
    sslmode: 'verify-ca',
    sslrootcert: `${certificates}/ca.crt`,
    // In seconds.
    connect_timeout: 3,
    keepalives_idle: 5,
    keepalives_interval: 2,
    keepalives_count: 3,
  };
  const settings: Readonly<Record<string, string | number>> = {
    listen_addresses: '*',
    port: 5432,
    unix_socket_directories: sockets,
    hba_file: `${configuration}/pg_hba.conf`,
    ident_file: `${configuration}/pg_ident.conf`,
    ssl: 'on',
    ssl_cert_file: `${certificates}/tls.crt`,
    ssl_key_file: `${certificates}/tls.key`,
    ssl_ca_file: `${certificates}/ca.crt`,
    password_encryption: 'scram-sha-256',
    cluster_name: region,
    // PgBouncer's pool, migrations, the exporter, replication and people.
    max_connections: 100,
    shared_buffers: '64MB',
    effective_cache_size: '256MB',
    // A small volume holds a small WAL.
    max_wal_size: `${Math.min(1024, Math.max(64, walKeptMb(storageGb)))}MB`,
    max_slot_wal_keep_size: `${walKeptMb(storageGb)}MB`,
    // Asynchronous, and said aloud: a base backup of a primary that had a name here would wait for it for ever.
    synchronous_standby_names: '',
    primary_conninfo: Object.entries(upstream)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
    primary_slot_name: slotOf(region),
    // The default of 5 s is what a promotion sometimes waits for.
    wal_retrieve_retry_interval: '200ms',
    wal_receiver_status_interval: '1s',
    wal_receiver_timeout: '10s',
    wal_sender_timeout: '10s',
    log_min_duration_statement: '1s',
    log_statement: 'ddl',
    log_lock_waits: 'on',
    idle_in_transaction_session_timeout: '10min',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('');
}
