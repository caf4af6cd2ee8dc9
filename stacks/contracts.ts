import type { Contract } from './contract';

/** The VPC of a region and where things go in it. */
export const networkContract: Contract<{
  vpcId: string;
  vpcCidr: string;
  /** One a zone, in the order of `zones`, as all subnets and route tables here. */
  publicSubnetIds: string[];
  privateSubnetIds: string[];
  databaseSubnetIds: string[];
  /** Private and database route tables, for routes to the peer region. */
  routeTableIds: string[];
  zones: string[];
}> = {
  layer: 'network',
  read: (from) => ({
    vpcId: from.text('vpcId', 'vpc-00000000000000000'),
    vpcCidr: from.text('vpcCidr', '10.255.0.0/16'),
    publicSubnetIds: from.list('publicSubnetIds', ...three('subnet-0000000000000000')),
    privateSubnetIds: from.list('privateSubnetIds', ...three('subnet-1000000000000000')),
    databaseSubnetIds: from.list('databaseSubnetIds', ...three('subnet-2000000000000000')),
    routeTableIds: from.list('routeTableIds', ...three('rtb-0000000000000000')),
    zones: from.list('zones', 'us-east-1a', 'us-east-1b', 'us-east-1c'),
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
  databaseSecretArn: string;
  cacheSecretArn: string;
  /** The key that decrypts both secrets. */
  secretsKeyArn: string;
}> = {
  layer: 'data',
  read: (from) => ({
    databaseClientSecurityGroupId: from.text('databaseClientSecurityGroupId', 'sg-00000000000000001'),
    cacheClientSecurityGroupId: from.text('cacheClientSecurityGroupId', 'sg-00000000000000002'),
    writerName: from.text('writerName', 'writer.data.tandem.internal'),
    readersName: from.text('readersName', 'readers.data.tandem.internal'),
    cacheName: from.text('cacheName', 'cache.data.tandem.internal'),
    databaseSecretArn: from.text('databaseSecretArn', secret('database')),
    cacheSecretArn: from.text('cacheSecretArn', secret('cache')),
    secretsKeyArn: from.text(
      'secretsKeyArn',
      'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000',
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
      'arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/00000000000000000000000000000000',
    ),
    loadBalancerArn: from.text(
      'loadBalancerArn',
      'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/placeholder/0000000000000000',
    ),
    loadBalancerDnsName: from.text('loadBalancerDnsName', 'load-balancer.invalid'),
    loadBalancerZoneId: from.text('loadBalancerZoneId', 'ZPLACEHOLDER'),
    targetGroupArn: from.text(
      'targetGroupArn',
      'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/placeholder/0000000000000000',
    ),
  }),
};

const three = (prefix: string): readonly string[] => ['a', 'b', 'c'].map((zone) => `${prefix}${zone}`);

const secret = (name: string): string =>
  `arn:aws:secretsmanager:us-east-1:111122223333:secret:tandem-placeholder-${name}-AbCdEf`;
