import { App } from 'cdktf';
import path from 'node:path';
import { z } from 'zod';
import { parseEnvironment } from '../../environments';
import { metric } from '../../failover/autopilot/aws';
import { instanceArn, instanceArnPattern } from '../../modules/postgres/aws';
import { AutopilotStack } from '../../stacks/autopilot';
import type { AwsDeployment } from '../../stacks/deployment';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { east, production, west } from './data-stacks';
import { edited } from '../unit/environments-fixture';
import { bytesOf, configurationOf, newFolder } from './graph';
import { statementsOf } from './resources';

const account = '111122223333';
/** The stack alone: an environment's others take seconds. */
function autopilotOf(deployment: AwsDeployment, region: string): SynthesizedStack {
  const app = new App({ outdir: newFolder() });
  const name = 'autopilot';
  new AutopilotStack(app, name, deployment, region);
  app.synth();
  const file = path.join(app.outdir, 'stacks', name, 'cdk.tf.json');
  return { name, layer: name, environment: deployment.environment.name, region, path: file };
}
const resourcesIn = (deployment: AwsDeployment, region: string = west) =>
  configurationOf(autopilotOf(deployment, region)).resource;
const resources = resourcesIn(production);

const [container] = z
  .array(z.looseObject({ image: z.string(), command: z.array(z.string()) }))
  .parse(JSON.parse(String(resources.aws_ecs_task_definition?.autopilot_task?.container_definitions)));

it.each([east, west])('is the same in %s whatever role and generation a region has', (region) => {
  const with_ = (roles: AwsDeployment['roles']) => bytesOf(autopilotOf({ ...production, roles }, region));
  const [before, after] = [
    with_({ [east]: { role: 'active', generation: 1 }, [west]: { role: 'standby', generation: 1 } }),
    with_({ [east]: { role: 'rebuilding', generation: 2 }, [west]: { role: 'active', generation: 1 } }),
  ];
  expect(after).toBe(before);
});

it('runs outside of the cluster that it judges, where nothing comes in and nothing can be written', () => {
  expect(resources.aws_ecs_service?.autopilot_service).toMatchObject({
    launch_type: 'FARGATE',
    desired_count: 1,
    network_configuration: { assign_public_ip: false },
  });
  expect(Object.keys(resources)).not.toContain('aws_vpc_security_group_ingress_rule');
  expect(container).toMatchObject({
    user: '1000:1000',
    readonlyRootFilesystem: true,
    linuxParameters: { capabilities: { drop: ['ALL'] } },
    portMappings: [],
  });
});

it('watches its own region, from its region’s copy of the image, known by digest', () => {
  expect(container?.command).toEqual(['watch', 'production', '--region', west]);
  expect(container?.image).toMatch(
    new RegExp(
      `^${account}\\.dkr\\.ecr\\.${west}\\.amazonaws\\.com/tandem-production-global-autopilot@sha256:[0-9a-f]{64}$`,
    ),
  );
});

it('may call what watching and failing over call, and nothing else', () => {
  const statements = statementsOf(resources.aws_iam_role_policy?.autopilot_policy?.policy);
  expect(statements.flatMap(({ Action = [] }) => Action).toSorted()).toEqual([
    'cloudwatch:GetMetricData',
    'cloudwatch:PutMetricData',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'eks:DescribeNodegroup',
    'elasticache:DescribeReplicationGroups',
    'elasticache:FailoverGlobalReplicationGroup',
    'kms:Decrypt',
    'rds:DescribeDBInstances',
    'rds:PromoteReadReplica',
  ]);
  // In the peer region it only reads where the database is.
  const inPeer = statements.filter(({ Resource = [] }) => Resource.some((arn) => arn.includes(`:${east}:`)));
  expect(inPeer.map(({ Action }) => Action)).toEqual([['rds:DescribeDBInstances']]);
});

it('promotes any generation of its own region’s instance, and no read replica', () => {
  const pattern = instanceArnPattern('production', west, account);
  const promote = statementsOf(resources.aws_iam_role_policy?.autopilot_policy?.policy).find(
    ({ Action = [] }) => Action.includes('rds:PromoteReadReplica'),
  );
  expect(promote?.Resource).toEqual([pattern]);
  const start = pattern.slice(0, -1);
  for (const generation of [1, 2, 10, 9999]) {
    expect(instanceArn('production', west, generation, account).startsWith(start)).toBe(true);
    expect(instanceArn('production', east, generation, account).startsWith(start)).toBe(false);
  }
  expect(
    'arn:aws:rds:us-west-2:111122223333:db:tandem-production-us-west-2-postgres-read-1-g1'.startsWith(start),
  ).toBe(false);
});

it('tells people by the metric that it puts: when it asks, and when it is silent', () => {
  const alarms = resources.aws_cloudwatch_metric_alarm;
  const dimensions = { Environment: 'production', Region: west };
  const of = { namespace: metric.namespace, metric_name: metric.name, dimensions };
  expect(alarms?.alarm_autopilot_asks).toMatchObject({ ...of, treat_missing_data: 'notBreaching' });
  expect(alarms?.alarm_autopilot_silent).toMatchObject({ ...of, treat_missing_data: 'breaching' });
});

describe('deployed', () => {
  const live = (image?: string): AwsDeployment => {
    const { environment, roles } = production;
    const input = image === undefined ? environment : edited(environment, 'autopilot.image', image);
    const parsed = parseEnvironment(input, 'a test');
    if (parsed.target !== 'aws') throw new TypeError('not on AWS');
    return { environment: parsed, roles, mode: 'live' };
  };

  it('runs nothing, and so reports no silence, until an image is recorded', () => {
    const declared = resourcesIn(live());
    expect(Object.keys(declared)).toContain('aws_ecs_cluster');
    for (const type of ['aws_ecs_service', 'aws_ecs_task_definition', 'aws_cloudwatch_metric_alarm']) {
      expect(Object.keys(declared)).not.toContain(type);
    }
  });

  it('runs the image that is recorded', () => {
    const digest = `sha256:${'4f'.repeat(32)}`;
    const declared = resourcesIn(live(digest));
    expect(declared.aws_ecs_task_definition?.autopilot_task?.container_definitions).toContain(
      `autopilot@${digest}`,
    );
  });
});
