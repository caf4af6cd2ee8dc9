import type { Construct } from 'constructs';
import { stateCopy } from '../modules/state/copy';
import { AwsStack } from './aws-stack';
import { backupBucketName, stateBucketName } from './backend';
import { consume } from './contract';
import { stateContract } from './contracts';
import type { AwsDeployment } from './deployment';

/** The copies of each region's state in the other. Global, because each direction needs both regions' buckets to be there. */
export class StateBackupStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment) {
    super(scope, id, deployment, 'state-backup');
    const { environment } = deployment;
    const [first, second] = environment.regions;
    const ends = (region: string) => {
      const { keyArn } = consume(this, stateContract, region);
      return {
        state: { region, keyArn, bucketName: stateBucketName(environment, region) },
        backup: { region, keyArn, bucketName: backupBucketName(environment, region) },
        provider: this.aliased(region),
      };
    };
    const [one, other] = [ends(first), ends(second)];
    const common = { environment: environment.name };
    stateCopy(this, { ...common, provider: one.provider, from: one.state, to: other.backup });
    stateCopy(this, { ...common, provider: other.provider, from: other.state, to: one.backup });
  }
}
