import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { clientAccess } from '../client-access/aws';
import { policyOf } from '../iam/policy';
import { named } from '../named';
import { postgresAlarms } from './alarms';
import type { PostgresOutputs, PostgresProps } from './contract';
import { instance, type Surroundings } from './instance';
import { parameterGroup } from './parameters';

const component = 'postgres';

/** The ARN of a region's instance, from what both regions know. */
export function instanceArn(
  environment: string,
  region: string,
  generation: number,
  account: string,
): string {
  const name = physicalName('rdsInstance', { environment, region, component, generation });
  return `arn:aws:rds:${region}:${account}:db:${name}`;
}

/** The ARNs of all generations of a region's instance: for policies that a rebuild must not change. */
export function instanceArnPattern(environment: string, region: string, account: string): string {
  const [one, other] = [
    instanceArn(environment, region, 1, account),
    instanceArn(environment, region, 2, account),
  ];
  let same = 0;
  while (one[same] === other[same]) same += 1;
  return `${one.slice(0, same)}*`;
}

/**
 * A region's instance and read replicas. With a source it is a replica of the peer region's; without one, a primary. The read
 * replicas copy the region's own instance either way ("Using cascading read replicas with RDS for PostgreSQL", Amazon RDS User
 * Guide), so that a promotion leaves them as they are.
 */
export function postgres(scope: Construct, props: PostgresProps): PostgresOutputs {
  const { vpcId, port, sourceArn } = props;
  const access = clientAccess(scope, { ...props, component, vpcId, port });
  const subnets = new DbSubnetGroup(scope, 'postgres_subnets', {
    ...named('rdsSubnetGroup', props, component),
    subnetIds: [...props.subnetIds],
  });
  const parameters = parameterGroup(scope, props);
  const surroundings = {
    serverSecurityGroupId: access.serverSecurityGroupId,
    parameterGroupName: parameters.name,
    ...monitoring(scope, props),
  };

  const main = instance(scope, component, props, surroundings, {
    ...(sourceArn === undefined
      ? {
          username: props.username,
          dbName: props.database,
          passwordWo: props.password,
          passwordWoVersion: 1,
        }
      : { replicateSourceDb: sourceArn }),
    kmsKeyId: props.kmsKeyArn,
    dbSubnetGroupName: subnets.name,
    multiAz: props.multiAz,
    // Not only for recovery: nothing can be copied from an instance without backups.
    backupRetentionPeriod: props.backupDays,
    backupWindow: props.windows.backup,
    deleteAutomatedBackups: !props.protected,
    // A replica that was never promoted can't have one: destroying it as long as it is protected fails, loudly.
    skipFinalSnapshot: !props.protected,
    lifecycle: {
      preventDestroy: props.protected,
      // A promoted replica never had one in its state: without this, the first plan after a failover would reset its password.
      ignoreChanges: ['password_wo_version'],
    },
  });

  const readers = Array.from({ length: props.readReplicas }, (_, at) =>
    instance(scope, `${component}-read-${at + 1}`, props, surroundings, {
      replicateSourceDb: main.identifier,
      multiAz: false,
      // It holds nothing of its own; RDS encrypts it with its source's key and puts it into its source's subnets.
      backupRetentionPeriod: 0,
      skipFinalSnapshot: true,
    }),
  );

  postgresAlarms(scope, props, main, readers);
  return {
    clientSecurityGroupId: access.clientSecurityGroupId,
    serverSecurityGroupId: access.serverSecurityGroupId,
    writer: main.address,
    readers: (readers.length > 0 ? readers : [main]).map(({ address }) => address),
    instance: main,
  };
}

/** "Setting up and enabling Enhanced Monitoring", Amazon RDS User Guide. */
function monitoring(
  scope: Construct,
  props: PostgresProps,
): Pick<Surroundings, 'monitoringRoleArn' | 'after'> {
  const { environment, region, account } = props;
  const role = new IamRole(scope, 'postgres_monitoring', {
    ...named('iamRole', props, 'postgres-monitoring'),
    description: `Lets RDS write operating system metrics of ${environment} in ${region}`,
    assumeRolePolicy: policyOf({
      Effect: 'Allow',
      Principal: { Service: 'monitoring.rds.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:aws:rds:${region}:${account}:db:*` },
      },
    }),
  });
  const permission = new IamRolePolicyAttachment(scope, 'postgres_monitoring_policy', {
    role: role.name,
    policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole',
  });
  return { monitoringRoleArn: role.arn, after: [permission] };
}
