import type { Construct } from 'constructs';
import { state } from '../modules/state/aws';
import { AwsStack } from './aws-stack';
import { backupBucketName, lockTableName, stateBucketName, stateKeyAlias } from './backend';
import { publish } from './contract';
import { stateContract } from './contracts';
import type { AwsDeployment } from './deployment';

/** Where a region's stacks keep their state, this one's too: `tandem bootstrap` moves it in. */
export class StateStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment, region: string) {
    super(scope, id, deployment, 'state', region);
    const { environment } = deployment;
    const { name, account } = environment;
    const outputs = state(this, {
      environment: name,
      region,
      layer: this.layer,
      account,
      bucketName: stateBucketName(environment, region),
      backupBucketName: backupBucketName(environment, region),
      lockTableName: lockTableName(name, region),
      keyAlias: stateKeyAlias(name, region),
    });
    publish(this, stateContract, { keyArn: outputs.keyArn });
  }
}
