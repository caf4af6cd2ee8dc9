import type { Contract } from './contract';

/** What encrypts a region's state. */
export const stateContract: Contract<{ keyArn: string }> = {
  layer: 'state',
  read: (from) => ({ keyArn: from.text('keyArn', key(from.region, 2)) }),
};

/** The VPC of a region and where things go in it. */
export const networkContract: Contract<{
  vpcId: string;
  /** One a zone, as every list here, in the order of `zonesOf`. */
  publicSubnetIds: string[];
  privateSubnetIds: string[];
  databaseSubnetIds: string[];
  privateRouteTableIds: string[];
  databaseRouteTableId: string;
}> = {
  layer: 'network',
  read: (from) => ({
    vpcId: from.text('vpcId', 'vpc-00000000000000000'),
    publicSubnetIds: from.list('publicSubnetIds', ...three('subnet-0000000000000000')),
    privateSubnetIds: from.list('privateSubnetIds', ...three('subnet-1000000000000000')),
    databaseSubnetIds: from.list('databaseSubnetIds', ...three('subnet-2000000000000000')),
    privateRouteTableIds: from.list('privateRouteTableIds', ...three('rtb-0000000000000000')),
    databaseRouteTableId: from.text('databaseRouteTableId', 'rtb-10000000000000000'),
  }),
};

/** A region's keys, which are there in both regions before anything is encrypted in either. */
export const keysContract: Contract<{
  dataKeyArn: string;
  secretsKeyArn: string;
}> = {
  layer: 'keys',
  read: (from) => ({
    dataKeyArn: from.text('dataKeyArn', key(from.region, 0)),
    secretsKeyArn: from.text('secretsKeyArn', key(from.region, 1)),
  }),
};

/** What a workload needs to reach its region's database and cache. */
export const dataContract: Contract<{
  /** Whoever carries it may open connections to the database. */
  databaseClientSecurityGroupId: string;
  /** Whoever carries it may open connections to the cache. */
  cacheClientSecurityGroupId: string;
  /** Names in the region's private zone; they stay when the instance behind them changes. */
  writerName: string;
  readersName: string;
  cacheName: string;
  /** For an IAM policy: `??????` stands for what Secrets Manager adds to a secret's ARN. */
  databaseSecretArn: string;
  /** The key that decrypts the secret. */
  secretsKeyArn: string;
  /** For `elasticache:Connect`, which takes both: the cache has no password. */
  cacheArn: string;
  cacheUserArn: string;
}> = {
  layer: 'data',
  read: (from) => ({
    databaseClientSecurityGroupId: from.text('databaseClientSecurityGroupId', 'sg-00000000000000001'),
    cacheClientSecurityGroupId: from.text('cacheClientSecurityGroupId', 'sg-00000000000000002'),
    writerName: from.text('writerName', 'writer.data.tandem.internal'),
    readersName: from.text('readersName', 'readers.data.tandem.internal'),
    cacheName: from.text('cacheName', 'cache.data.tandem.internal'),
    databaseSecretArn: from.text(
      'databaseSecretArn',
      `arn:aws:secretsmanager:${from.region}:111122223333:secret:tandem-placeholder-database-??????`,
    ),
    secretsKeyArn: from.text('secretsKeyArn', key(from.region, 1)),
    cacheArn: from.text(
      'cacheArn',
      `arn:aws:elasticache:${from.region}:111122223333:replicationgroup:tandem-placeholder`,
    ),
    cacheUserArn: from.text(
      'cacheUserArn',
      `arn:aws:elasticache:${from.region}:111122223333:user:tandem-placeholder`,
    ),
  }),
};

/** The region's cluster and the load balancer in front of it, which is Terraform's own. */
export const clusterContract: Contract<{
  clusterName: string;
  oidcProviderArn: string;
  loadBalancerArn: string;
  loadBalancerDnsName: string;
  loadBalancerZoneId: string;
  /** Pods attach to it by a TargetGroupBinding. */
  targetGroupArn: string;
}> = {
  layer: 'cluster',
  read: (from) => ({
    clusterName: from.text('clusterName', 'tandem-placeholder'),
    oidcProviderArn: from.text(
      'oidcProviderArn',
      `arn:aws:iam::111122223333:oidc-provider/oidc.eks.${from.region}.amazonaws.com/id/00000000000000000000000000000000`,
    ),
    loadBalancerArn: from.text(
      'loadBalancerArn',
      `arn:aws:elasticloadbalancing:${from.region}:111122223333:loadbalancer/app/placeholder/0000000000000000`,
    ),
    loadBalancerDnsName: from.text('loadBalancerDnsName', `load-balancer.${from.region}.invalid`),
    loadBalancerZoneId: from.text('loadBalancerZoneId', 'ZPLACEHOLDER'),
    targetGroupArn: from.text(
      'targetGroupArn',
      `arn:aws:elasticloadbalancing:${from.region}:111122223333:targetgroup/placeholder/0000000000000000`,
    ),
  }),
};

const three = (prefix: string): readonly string[] => ['a', 'b', 'c'].map((zone) => `${prefix}${zone}`);

/** A number each for the keys of a region: an identity that may use one may not use all. */
const key = (region: string, number: number): string =>
  `arn:aws:kms:${region}:111122223333:key/00000000-0000-4000-8000-00000000000${number}`;
