import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { accountOwnsKey, policyOf } from '../iam/policy';
import { alarms, logs } from '../keys/users';
import { named } from '../named';
import type { TrafficPlace } from './contract';

/**
 * Declares the key of what the edge tells about itself in a region: its log groups, and the topic of its alarms.
 * @returns its ARN
 */
export function edgeKey(
  scope: Construct,
  place: TrafficPlace & { readonly account: string; readonly protected: boolean },
): string {
  const { environment, region, provider, account } = place;
  const id = `edge_key_${region.replaceAll('-', '_')}`;
  const { name, tags } = named('kmsAlias', place, 'edge');
  const key = new KmsKey(scope, id, {
    provider,
    description: `Logs and alarms of the edge of ${environment} in ${region}`,
    enableKeyRotation: true,
    policy: policyOf(accountOwnsKey(account), logs(account, region), alarms(account)),
    tags,
    lifecycle: { preventDestroy: place.protected },
  });
  new KmsAlias(scope, `${id}_alias`, { provider, name: `alias/${name}`, targetKeyId: key.keyId });
  return key.arn;
}
