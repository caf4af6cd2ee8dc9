import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy';
import { EcrReplicationConfiguration } from '@cdktf/provider-aws/lib/ecr-replication-configuration';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { accountOwnsKey, policyOf } from '../iam/policy';
import { named } from '../named';
import type { RegistryProps } from './contract';

/** How many images are kept: about as many releases can be rolled back to. */
const keptImages = 200;

/**
 * Declares the region's own copy of the images that run in it, so that a region never pulls from one that died. Images are
 * pushed to either region and copied to the other; a copy is not copied again, so that both can copy to each other
 * ("Private image replication in Amazon ECR", Amazon ECR User Guide).
 */
export function registry(scope: Construct, props: RegistryProps): void {
  const { environment, account } = props;
  const lifecycle = { preventDestroy: props.protected };
  const alias = named('kmsAlias', props, 'registry');
  const key = new KmsKey(scope, 'registry_key', {
    description: `Images of ${environment} in ${props.region}`,
    enableKeyRotation: true,
    // ECR uses it by grants of whoever creates a repository ("Encryption at rest", Amazon ECR User Guide).
    policy: policyOf(accountOwnsKey(account)),
    tags: alias.tags,
    lifecycle,
  });
  new KmsAlias(scope, 'registry_key_alias', { name: `alias/${alias.name}`, targetKeyId: key.keyId });

  for (const [id, component] of Object.entries(props.repositories)) {
    const name = repositoryName(environment, component);
    const repository = new EcrRepository(scope, id, {
      name,
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'KMS', kmsKey: key.arn }],
      // An unprotected environment can be destroyed although it has been used.
      forceDelete: !props.protected,
      tags: { ...alias.tags, Name: name },
      lifecycle,
    });
    new EcrLifecyclePolicy(scope, `${id}_lifecycle`, { repository: repository.name, policy: expiry });
  }

  new EcrReplicationConfiguration(scope, 'replication', {
    replicationConfiguration: {
      rule: [
        {
          destination: [{ region: props.peerRegion, registryId: account }],
          // Every environment's, because an account has one such setting a region: environments that share the account
          // declare the same.
          repositoryFilter: [{ filter: 'tandem-', filterType: 'PREFIX_MATCH' }],
        },
      ],
    },
    lifecycle,
  });
}

/** Without a region: a copy keeps its repository's name. */
export const repositoryName = (environment: string, component: string): string =>
  physicalName('ecrRepository', { environment, component });

const expire = { type: 'expire' };

const expiry = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: 'What no tag names any more',
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 },
      action: expire,
    },
    {
      rulePriority: 2,
      description: `More than ${keptImages} images`,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keptImages },
      action: expire,
    },
  ],
});
