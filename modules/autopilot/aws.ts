import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import { EcsService } from '@cdktf/provider-aws/lib/ecs-service';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import type { Construct } from 'constructs';
import { alarm, alarmTopic } from '../alarms/aws';
import { role } from '../iam/role';
import type { Statement } from '../iam/policy';
import { policyOf } from '../iam/policy';
import { named } from '../named';
import { repositoryName } from '../registry/aws';
import type { AutopilotProps } from './contract';
import { startStatements, taskStatements } from './permissions';

const component = 'autopilot';

/**
 * Declares what fails over to a region without a person: one task on Fargate and not in the EKS cluster, which it has to judge
 * (ADR 0061). The same in both regions and in every role: it acts where AWS says that its region is the standby.
 */
export function autopilot(scope: Construct, props: AutopilotProps): void {
  const { environment, region, account, imageDigest } = props;
  const { name: logGroupName, tags: logTags } = named('logGroup', props, component);
  const log = new CloudwatchLogGroup(scope, 'autopilot_log', {
    name: logGroupName,
    retentionInDays: props.logRetentionDays,
    kmsKeyId: props.kmsKeyArn,
    skipDestroy: props.protected,
    tags: logTags,
  });
  const repository = repositoryName(environment, component);
  const execution = role(scope, 'autopilot-start', props, {
    trust: tasksOf(props),
    statements: startStatements(`arn:aws:ecr:${region}:${account}:repository/${repository}`, log.arn),
  });
  const task = role(scope, component, props, { trust: tasksOf(props), statements: taskStatements(props) });
  const cluster = new EcsCluster(scope, 'autopilot_cluster', {
    ...named('ecsCluster', props, component),
    setting: [{ name: 'containerInsights', value: 'enabled' }],
  });
  const group = securityGroup(scope, props);
  // Until an image is released there is nothing to run, and nobody's silence to report.
  if (imageDigest === undefined) return;

  const { name: family, tags } = named('ecsTaskFamily', props, component);
  const definition = new EcsTaskDefinition(scope, 'autopilot_task', {
    family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    // The least that Fargate has: 0.25 of a CPU; memory in MiB.
    cpu: '256',
    memory: '512',
    runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
    executionRoleArn: execution.arn,
    taskRoleArn: task.arn,
    containerDefinitions: JSON.stringify([
      {
        name: component,
        image: `${account}.dkr.ecr.${region}.amazonaws.com/${repository}@${imageDigest}`,
        command: ['watch', environment, '--region', region],
        essential: true,
        user: '1000:1000',
        readonlyRootFilesystem: true,
        linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
        // Seconds, and the most that Fargate has: a failover under way ends its step.
        stopTimeout: 120,
        environment: [],
        mountPoints: [],
        portMappings: [],
        systemControls: [],
        volumesFrom: [],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': logGroupName,
            'awslogs-region': region,
            'awslogs-stream-prefix': component,
          },
        },
      },
    ]),
    tags,
  });
  new EcsService(scope, 'autopilot_service', {
    ...named('ecsService', props, component),
    cluster: cluster.arn,
    taskDefinition: definition.arn,
    launchType: 'FARGATE',
    platformVersion: 'LATEST',
    desiredCount: 1,
    // A new one watches before the old one ends: two exclude each other by the journal's lease.
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    networkConfiguration: {
      subnets: [...props.subnetIds],
      securityGroups: [group.id],
      assignPublicIp: false,
    },
    propagateTags: 'SERVICE',
    dependsOn: [...execution.policies, ...task.policies],
  });
  alarms(scope, props);
}

/** Nothing comes in; out goes what it looks at: names and AWS by HTTPS, the peer's database. The VPC's resolver needs no rule. */
function securityGroup(scope: Construct, props: AutopilotProps): SecurityGroup {
  const group = new SecurityGroup(scope, component, {
    ...named('securityGroup', props, component),
    vpcId: props.vpcId,
    description: 'The autopilot: nothing in, HTTPS and the database of the other region out.',
  });
  const out = (to: string, description: string, cidrIpv4: string, port: number) =>
    new VpcSecurityGroupEgressRule(scope, `autopilot_to_${to}`, {
      securityGroupId: group.id,
      description,
      cidrIpv4,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      tags: named('nameTag', props, `autopilot-to-${to}`).tags,
    });
  out('https', 'HTTPS to what clients reach and to AWS', '0.0.0.0/0', 443);
  out('database', 'To the database of the other region', props.peer.privateCidr, props.databasePort);
  return group;
}

function alarms(scope: Construct, props: AutopilotProps): void {
  const topicArn = alarmTopic(scope, props);
  const { environment: Environment, region: Region } = props;
  const asks = {
    namespace: 'Tandem/Autopilot',
    metric: 'Asks',
    dimensions: { Environment, Region },
  };
  alarm(scope, props, topicArn, {
    ...asks,
    component: 'autopilot-asks',
    description: `The other region may be lost and the autopilot does not act: read its log, then decide (docs/autopilot.md).`,
    statistic: 'Maximum',
    wrong: 'above',
    threshold: 0,
    minutes: 1,
  });
  alarm(scope, props, topicArn, {
    ...asks,
    component: 'autopilot-silent',
    description: 'Nobody watches: the autopilot has not reported for five minutes.',
    statistic: 'Minimum',
    // Never: what comes is 0 or 1, so that silence alone rings.
    wrong: 'below',
    threshold: 0,
    minutes: 5,
    silenceRings: true,
  });
}

/** "Amazon ECS task IAM role", Amazon ECS Developer Guide: for this account's tasks in this region alone. */
const tasksOf = ({ account, region }: AutopilotProps): string => {
  const statement: Statement = {
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:aws:ecs:${region}:${account}:*` },
    },
  };
  return policyOf(statement);
};
