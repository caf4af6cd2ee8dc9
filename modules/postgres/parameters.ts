import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import type { Construct } from 'constructs';
import { versions } from '../../lib/versions';
import { named } from '../named';
import type { PostgresProps } from './contract';
import { walKeptMb } from './wal';

/**
 * What differs from RDS's defaults, for the instance and its replicas alike, so that a promotion changes nothing. All are
 * dynamic ("Working with parameters on your RDS for PostgreSQL DB instance", Amazon RDS User Guide).
 */
export function parameterGroup(scope: Construct, props: PostgresProps): DbParameterGroup {
  const parameters: Readonly<Record<string, string>> = {
    // RDS's default since PostgreSQL 15; written down, because everything else here relies on TLS.
    'rds.force_ssl': '1',
    max_slot_wal_keep_size: String(walKeptMb(props.storageGb)),
    // In milliseconds.
    log_min_duration_statement: '1000',
    log_statement: 'ddl',
    log_lock_waits: '1',
    log_connections: '1',
    log_disconnections: '1',
    // In kB: sorts and hashes that spilled more than 10 MB.
    log_temp_files: '10240',
    track_io_timing: '1',
    // In milliseconds: a forgotten transaction holds locks and keeps vacuum from its work.
    idle_in_transaction_session_timeout: '600000',
  };
  return new DbParameterGroup(scope, 'postgres_parameters', {
    ...named('rdsParameterGroup', props, `postgres${versions.postgres}`),
    description: `PostgreSQL ${versions.postgres} of ${props.environment}`,
    family: `postgres${versions.postgres}`,
    parameter: Object.entries(parameters).map(([name, value]) => ({ name, value, applyMethod: 'immediate' })),
    // A major version brings a group of another family, which has to be there before the old one goes.
    lifecycle: { createBeforeDestroy: true },
  });
}
