import { ElasticacheUser } from '@cdktf/provider-aws/lib/elasticache-user';
import { ElasticacheUserGroup } from '@cdktf/provider-aws/lib/elasticache-user-group';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { CacheProps } from './contract';

/**
 * Who may use the cluster: one user, who shows a token signed with IAM credentials instead of a password, so that there is no
 * secret to store, copy or rotate. Each region has its own; a Global Datastore copies data and no users.
 */
export function users(scope: Construct, props: CacheProps): { userGroupId: string; userArn: string } {
  // "Authenticating with IAM", Amazon ElastiCache User Guide: id and name have to be the same.
  const { name, tags } = named('elasticacheUser', props, 'workload');
  const user = new ElasticacheUser(scope, 'cache_user', {
    userId: name,
    userName: name,
    engine: 'valkey',
    // All of its own data and nothing of the server; INFO is how clients see that a node is ready.
    accessString: 'on ~* &* +@all -@dangerous +info',
    authenticationMode: { type: 'iam' },
    tags,
  });
  const group = named('elasticacheUser', props, 'cache');
  const userGroup = new ElasticacheUserGroup(scope, 'cache_users', {
    userGroupId: group.name,
    engine: 'valkey',
    userIds: [user.userId],
    tags: group.tags,
  });
  return { userGroupId: userGroup.userGroupId, userArn: user.arn };
}
