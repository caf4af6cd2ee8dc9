import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { Aspects, LocalBackend, S3Backend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { AwsEnvironment } from '../environments';
import { versions } from '../lib/versions';
import { boundaryArn } from '../modules/identity/names';
import { stateOf } from './backend';
import type { Deployment } from './deployment';

/**
 * What an administrator applies, by `tandem bootstrap`: who may deploy the rest, where its state is, and the copies of that. Their
 * roles stand above the boundary, which keeps every other role from state.
 */
export const bootstrapLayers: readonly string[] = ['state', 'identity', 'state-backup'];

/** Lets the provider plan without credentials and without a request to AWS. */
const withoutAws = {
  accessKey: 'offline',
  secretKey: 'offline',
  skipCredentialsValidation: true,
  skipMetadataApiCheck: 'true',
  skipRegionValidation: true,
  skipRequestingAccountId: true,
};

/**
 * A stack on the AWS provider: its state in its own region, and the account it may touch. What an environment on another target
 * declares of AWS is never applied, so it is offline in any mode.
 */
export class AwsStack extends TerraformStack {
  /** @param region left out for a global layer, whose provider without an alias is the first region's */
  constructor(
    scope: Construct,
    id: string,
    readonly deployment: Deployment,
    readonly layer: string,
    readonly region?: string,
  ) {
    super(scope, id);
    const { environment } = deployment;
    this.addOverride('terraform.required_providers.aws.version', versions.awsProvider);
    this.addOverride('terraform.required_version', `>= ${versions.terraform}.0`);
    new AwsProvider(this, 'aws', this.#provider(region ?? environment.regions[0]));
    if (environment.target === 'aws' && !bootstrapLayers.includes(layer)) {
      this.#bindRoles(boundaryArn(environment.account, environment.name));
    }
    const live = this.live;
    if (!live) {
      // Relative, because cdktf's default is the absolute path of whoever synthesizes.
      new LocalBackend(this, { path: 'terraform.tfstate' });
    } else {
      new S3Backend(this, stateOf({ environment: live, layer, ...(region !== undefined && { region }) }));
      // Both locks, while teams move from the table (deprecated in Terraform 1.11) to the lock file.
      this.addOverride('terraform.backend.s3.use_lockfile', true);
    }
  }

  /** The environment when AWS is there to ask; undefined offline. */
  get live(): AwsEnvironment | undefined {
    const { environment, mode } = this.deployment;
    return mode === 'live' && environment.target === 'aws' ? environment : undefined;
  }

  /** A provider for another region than the stack's own, or for each of a global layer's. */
  aliased(region: string): AwsProvider {
    const alias = region.replaceAll('-', '_');
    return new AwsProvider(this, `aws_${alias}`, { alias, ...this.#provider(region) });
  }

  /** Puts every role of the stack inside the boundary, without which the deploy role may not make it. */
  #bindRoles(boundary: string): void {
    Aspects.of(this).add({
      visit: (node) => {
        if (node instanceof IamRole) node.permissionsBoundary = boundary;
      },
    });
  }

  #provider(region: string) {
    return { region, ...(this.live ? { allowedAccountIds: [this.live.account] } : withoutAws) };
  }
}
