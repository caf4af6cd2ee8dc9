import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { accountOwnsKey, policyOf, type Statement } from '../iam/policy';
import { named } from '../named';
import type { KeysOutputs, KeysProps } from './contract';
import { alarms, logs } from './users';

/** A region's keys. Each region has its own: no copy of anything is encrypted by the key of a region that is gone. */
export function keys(scope: Construct, props: KeysProps): KeysOutputs {
  const { environment, region, account } = props;
  const key = (component: string, description: string, ...users: readonly Statement[]) => {
    const { name, tags } = named('kmsAlias', props, component);
    const declared = new KmsKey(scope, component, {
      description: `${description} of ${environment} in ${region}`,
      enableKeyRotation: true,
      // In days: the longest that AWS waits, because what a deleted key encrypted is gone.
      deletionWindowInDays: 30,
      policy: policyOf(accountOwnsKey(account), ...users),
      tags,
      lifecycle: { preventDestroy: props.protected },
    });
    new KmsAlias(scope, `${component}_alias`, { name: `alias/${name}`, targetKeyId: declared.keyId });
    return declared.arn;
  };
  return {
    dataKeyArn: key('data', 'Databases and caches', logs(account, region), alarms(account)),
    secretsKeyArn: key('secrets', 'Secrets'),
  };
}

/** By this alias, without `alias/`, a region's secrets key can be named before anybody knows its id. */
export const secretsKeyAlias = (environment: string, region: string): string =>
  physicalName('kmsAlias', { environment, region, component: 'secrets' });
