import type { GetMetricDataInput, GetMetricDataOutput, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import type { GetItemInput, GetItemOutput, PutItemInput } from '@aws-sdk/client-dynamodb';
import type { DescribeNodegroupRequest, DescribeNodegroupResponse } from '@aws-sdk/client-eks';
import type {
  DescribeReplicationGroupsMessage,
  FailoverGlobalReplicationGroupMessage,
  ReplicationGroupMessage,
} from '@aws-sdk/client-elasticache';
import type {
  DBInstanceMessage,
  DescribeDBInstancesMessage,
  ModifyDBInstanceMessage,
  PromoteReadReplicaMessage,
} from '@aws-sdk/client-rds';
import { z } from 'zod';
import { TandemError } from '../../lib/errors';

/** Every call that an operation makes, by AWS's own names: what it is given and what is read of the answer. */
export interface Calls {
  'cloudwatch:GetMetricData': readonly [GetMetricDataInput, GetMetricDataOutput];
  'cloudwatch:PutMetricData': readonly [PutMetricDataInput, unknown];
  'dynamodb:GetItem': readonly [GetItemInput, GetItemOutput];
  'dynamodb:PutItem': readonly [PutItemInput, unknown];
  'eks:DescribeNodegroup': readonly [DescribeNodegroupRequest, DescribeNodegroupResponse];
  'elasticache:DescribeReplicationGroups': readonly [
    DescribeReplicationGroupsMessage,
    ReplicationGroupMessage,
  ];
  'elasticache:FailoverGlobalReplicationGroup': readonly [FailoverGlobalReplicationGroupMessage, unknown];
  'rds:DescribeDBInstances': readonly [DescribeDBInstancesMessage, DBInstanceMessage];
  'rds:ModifyDBInstance': readonly [ModifyDBInstanceMessage, unknown];
  'rds:PromoteReadReplica': readonly [PromoteReadReplicaMessage, unknown];
}

export type Action = keyof Calls;

/** A call as data: what a dry run prints is what is sent. */
export interface Call<A extends Action = Action> {
  readonly action: A;
  /** Whose regional endpoint is asked. */
  readonly region: string;
  readonly parameters: Calls[A][0];
}

/** Any one of them, its parameters being those of its action. */
export type AnyCall = { [A in Action]: Call<A> }[Action];

/** AWS, as far as operations need it. */
export interface Aws {
  /**
   * @throws TandemError RegionUnreachable for what may succeed later (no answer, throttled, 5xx), AwsRefused for what AWS says no to
   */
  send<A extends Action>(call: Call<A>): Promise<Calls[A][1]>;
}

const named = z.object({ name: z.string() });

/** The name that AWS gave its refusal, such as `ConditionalCheckFailedException`; undefined for any other error. */
export const refusalOf = (thrown: unknown): string | undefined =>
  thrown instanceof TandemError && thrown.code === 'AwsRefused'
    ? named.safeParse(thrown.detail.cause).data?.name
    : undefined;
