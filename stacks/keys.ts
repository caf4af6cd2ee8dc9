import type { Construct } from 'constructs';
import { keys } from '../modules/keys/aws';
import { AwsStack } from './aws-stack';
import { publish } from './contract';
import { keysContract } from './contracts';
import type { AwsDeployment } from './deployment';

/**
 * A region's keys. A layer of their own, because a secret is copied into the peer region under the peer's key, and because a key
 * outlives what it encrypted: final snapshots, kept backups and logs.
 */
export class KeysStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: AwsDeployment, region: string) {
    super(scope, id, deployment, 'keys', region);
    const { name: environment, account, protected: isProtected } = deployment.environment;
    const place = { environment, region, layer: this.layer };
    publish(this, keysContract, { ...keys(this, { ...place, account, protected: isProtected }) });
  }
}
