import type { Construct } from 'constructs';
import { identity } from '../modules/identity/aws';
import { AwsStack } from './aws-stack';
import { backupBucketName, lockTableName, stateBucketName } from './backend';
import { consume } from './contract';
import { stateContract } from './contracts';
import type { AwsDeployment } from './deployment';

/** Who outside of AWS may act on an environment. Global as IAM is; an administrator applies it, as the deploy role can't. */
export class IdentityStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment) {
    super(scope, id, deployment, 'identity');
    const { environment } = deployment;
    const { name, account, repository, regions } = environment;
    identity(this, {
      environment: name,
      regions,
      account,
      repository,
      declaresOidcProvider: environment.oidcProvider === 'own',
      state: regions.map((region) => ({
        bucketArn: `arn:aws:s3:::${stateBucketName(environment, region)}`,
        backupBucketArn: `arn:aws:s3:::${backupBucketName(environment, region)}`,
        lockTableArn: `arn:aws:dynamodb:${region}:${account}:table/${lockTableName(name, region)}`,
        keyArn: consume(this, stateContract, region).keyArn,
      })),
    });
  }
}
