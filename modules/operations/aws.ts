import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { OperationsProps } from './contract';

/**
 * Declares the table in which an operation that makes this region active writes down how far it is, and by which two of them exclude
 * each other (failover/operations/journal.ts). Each region has its own and nothing copies it: a failover reads it where it acts.
 */
export function operations(scope: Construct, props: OperationsProps): void {
  new DynamodbTable(scope, 'operations', {
    ...named('dynamodbTable', props, 'operations'),
    billingMode: 'PAY_PER_REQUEST',
    hashKey: 'Environment',
    attribute: [{ name: 'Environment', type: 'S' }],
    serverSideEncryption: { enabled: true, kmsKeyArn: props.kmsKeyArn },
    pointInTimeRecovery: { enabled: true },
    deletionProtectionEnabled: props.protected,
    lifecycle: { preventDestroy: props.protected },
  });
}
