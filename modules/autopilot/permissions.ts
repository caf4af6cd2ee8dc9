import { type Statement, unscoped } from '../iam/policy';
import type { AutopilotProps } from './contract';

const allow = (Action: readonly string[], Resource: string | readonly string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

/** What watching and failing over call, on what they call it. Nothing here creates, deletes or reads data. */
export function taskStatements(props: AutopilotProps): readonly Statement[] {
  const { account, region, instanceArns } = props;
  return [
    // A list is asked for: which generation stands is AWS's word. RDS authorizes a list on all instances.
    allow(['rds:DescribeDBInstances'], [`arn:aws:rds:${region}:${account}:db:*`, instanceArns.peer]),
    allow(['rds:PromoteReadReplica'], instanceArns.own),
    allow(['eks:DescribeNodegroup'], props.nodeGroupArn),
    allow(
      ['elasticache:DescribeReplicationGroups', 'elasticache:FailoverGlobalReplicationGroup'],
      // The id of a Global Datastore begins with letters that AWS makes up.
      [
        `arn:aws:elasticache::${account}:globalreplicationgroup:*-tandem-${props.environment}-*`,
        `arn:aws:elasticache:${region}:${account}:replicationgroup:tandem-${props.environment}-${region}-*`,
      ],
    ),
    allow(['dynamodb:GetItem', 'dynamodb:PutItem'], props.operationsTableArn),
    {
      ...allow(['kms:Decrypt'], props.kmsKeyArn),
      Condition: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` } },
    },
    unscoped(['cloudwatch:GetMetricData']),
    // The latch of the lost region, and whether people are asked.
    unscoped(['cloudwatch:PutMetricData'], {
      StringEquals: { 'cloudwatch:namespace': ['Tandem', 'Tandem/Autopilot'] },
    }),
  ];
}

/** What Fargate does before the container starts: "Amazon ECS task execution IAM role", Amazon ECS Developer Guide. */
export function startStatements(repositoryArn: string, logGroupArn: string): readonly Statement[] {
  return [
    unscoped(['ecr:GetAuthorizationToken']),
    allow(
      ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      repositoryArn,
    ),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], `${logGroupArn}:*`),
  ];
}
