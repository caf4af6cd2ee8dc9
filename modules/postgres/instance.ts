import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DbInstance, type DbInstanceConfig } from '@cdktf/provider-aws/lib/db-instance';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { versions } from '../../lib/versions';
import { named } from '../named';
import type { PostgresProps } from './contract';

/** What all instances of a region share. */
export interface Surroundings {
  readonly serverSecurityGroupId: string;
  readonly parameterGroupName: string;
  readonly monitoringRoleArn: string;
  /** What has to be there before the first of them. */
  readonly after: readonly ITerraformDependable[];
}

const logTypes = ['postgresql', 'upgrade'];

/**
 * An instance with its log groups, which RDS would else create without an end and without our key. What both a primary and a
 * replica have is here and the same, so that promoting one changes nothing that Terraform declares.
 * @param component what it is in names, such as `postgres`
 */
export function instance(
  scope: Construct,
  component: string,
  props: PostgresProps,
  { serverSecurityGroupId, parameterGroupName, monitoringRoleArn, after }: Surroundings,
  own: Partial<DbInstanceConfig>,
): DbInstance {
  const { generation, kmsKeyArn } = props;
  const { name, tags } = named('rdsInstance', props, component, generation);
  // A rebuild makes other instances: the old ones are destroyed, not renamed, which is what one Terraform name for both would do.
  const id = `${component.replaceAll('-', '_')}_g${generation}`;

  const logs = logTypes.map(
    (type) =>
      new CloudwatchLogGroup(scope, `${id}_log_${type}`, {
        name: `/aws/rds/instance/${name}/${type}`,
        retentionInDays: props.logRetentionDays,
        kmsKeyId: kmsKeyArn,
        skipDestroy: props.protected,
        tags: { ...tags, Name: `${name}-${type}` },
      }),
  );

  return new DbInstance(scope, id, {
    identifier: name,
    engine: 'postgres',
    // Minor versions come by themselves in the maintenance window: a prefix is what the provider lets drift.
    engineVersion: versions.postgres,
    autoMinorVersionUpgrade: true,
    instanceClass: props.instanceClass,
    allocatedStorage: props.storageGb,
    maxAllocatedStorage: 2 * props.storageGb,
    storageType: props.storageType,
    storageEncrypted: true,
    port: props.port,
    publiclyAccessible: false,
    vpcSecurityGroupIds: [serverSecurityGroupId],
    parameterGroupName,
    // Valid until 2061, and the only one in all regions ("Using SSL/TLS to encrypt a connection", Amazon RDS User Guide).
    caCertIdentifier: 'rds-ca-rsa2048-g1',
    iamDatabaseAuthenticationEnabled: true,
    maintenanceWindow: props.windows.maintenance,
    copyTagsToSnapshot: true,
    monitoringInterval: 60,
    monitoringRoleArn,
    performanceInsightsEnabled: true,
    performanceInsightsKmsKeyId: kmsKeyArn,
    // In days: what costs nothing.
    performanceInsightsRetentionPeriod: 7,
    enabledCloudwatchLogsExports: logTypes,
    deletionProtection: props.protected,
    finalSnapshotIdentifier: `${name}-final`,
    // Copying a region's worth of data takes longer than the provider's 40 minutes.
    timeouts: { create: '180m', update: '180m', delete: '60m' },
    tags,
    dependsOn: [...logs, ...after],
    lifecycle: { preventDestroy: props.protected },
    ...own,
  });
}
