import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { Eip } from '@cdktf/provider-aws/lib/eip';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { NetworkOutputs, NetworkProps } from './contract';
import { endpoints } from './endpoints';
import { flowLogs } from './flow-logs';
import { subnetCidrs } from './subnets';

const anywhere = '0.0.0.0/0';

/** Declares a region's VPC: its subnets, their ways out, private ways to AWS's services, and a record of the traffic. */
export function network(scope: Construct, props: NetworkProps): NetworkOutputs {
  const { natGateways } = props;
  const tagsFor = (component: string) => named('nameTag', props, component).tags;

  const vpc = new Vpc(scope, 'vpc', {
    cidrBlock: props.cidr,
    enableDnsSupport: true,
    // For the private DNS of interface endpoints, and for peering to resolve the other side's names.
    enableDnsHostnames: true,
    tags: tagsFor('vpc'),
  });
  // Empty, which isn't the same as left out: what names no security group of its own reaches nothing and is reached by
  // nothing, and a rule that somebody adds by hand is a change in the next plan.
  new DefaultSecurityGroup(scope, 'default_security_group', {
    vpcId: vpc.id,
    ingress: [],
    egress: [],
    tags: tagsFor('closed'),
  });

  const internetGateway = new InternetGateway(scope, 'internet_gateway', {
    vpcId: vpc.id,
    tags: tagsFor('internet-gateway'),
  });
  const routeTable = (name: string, members: readonly Subnet[]): RouteTable => {
    const id = name.replaceAll('-', '_');
    const table = new RouteTable(scope, `${id}_routes`, { vpcId: vpc.id, tags: tagsFor(name) });
    for (const { id: subnetId, node } of members) {
      new RouteTableAssociation(scope, `${node.id}_association`, { routeTableId: table.id, subnetId });
    }
    return table;
  };

  const zones = zoneSubnets(scope, props, vpc.id);
  const publicSubnets = zones.map((zone) => zone.public);
  const privateSubnets = zones.map((zone) => zone.private);
  const databaseSubnets = zones.map((zone) => zone.database);

  const publicRoutes = routeTable('public', publicSubnets);
  new Route(scope, 'public_out', {
    routeTableId: publicRoutes.id,
    destinationCidrBlock: anywhere,
    gatewayId: internetGateway.id,
  });

  let nat: NatGateway | undefined;
  const privateRoutes = zones.map(({ letter, public: { id: subnetId }, private: subnet }) => {
    if (natGateways === 'zone' || nat === undefined) {
      const address = new Eip(scope, `nat_${letter}_address`, {
        domain: 'vpc',
        tags: tagsFor(`nat-${letter}`),
      });
      nat = new NatGateway(scope, `nat_${letter}`, {
        allocationId: address.allocationId,
        subnetId,
        tags: tagsFor(`nat-${letter}`),
        dependsOn: [internetGateway],
      });
    }
    // A table a zone even with one gateway: more gateways then change routes and replace nothing.
    const table = routeTable(`private-${letter}`, [subnet]);
    new Route(scope, `private_${letter}_out`, {
      routeTableId: table.id,
      destinationCidrBlock: anywhere,
      natGatewayId: nat.id,
    });
    return table;
  });
  const databaseRoutes = routeTable('database', databaseSubnets);

  const privateSubnetIds = privateSubnets.map(({ id }) => id);
  const privateRouteTableIds = privateRoutes.map(({ id }) => id);
  endpoints(scope, props, {
    id: vpc.id,
    subnetIds: natGateways === 'zone' ? privateSubnetIds : privateSubnetIds.slice(0, 1),
    routeTableIds: [...privateRouteTableIds, databaseRoutes.id],
  });
  flowLogs(scope, props, vpc.id);
  return {
    vpcId: vpc.id,
    publicSubnetIds: publicSubnets.map(({ id }) => id),
    privateSubnetIds,
    databaseSubnetIds: databaseSubnets.map(({ id }) => id),
    privateRouteTableIds,
    databaseRouteTableId: databaseRoutes.id,
  };
}

/** The subnets of each zone, tagged for the load balancers that a controller in the cluster may place in them. */
function zoneSubnets(scope: Construct, props: NetworkProps, vpcId: string) {
  // "Network load balancing on Amazon EKS" and "Application load balancing on Amazon EKS", Amazon EKS User Guide.
  const shared = { [`kubernetes.io/cluster/${props.clusterName}`]: 'shared' };
  return subnetCidrs(props.cidr, props.zones).map(({ zone, ...cidrs }) => {
    const letter = zone.slice(props.region.length);
    const subnet = (kind: keyof typeof cidrs, tags: Record<string, string> = {}) =>
      new Subnet(scope, `${kind}_${letter}`, {
        vpcId,
        cidrBlock: cidrs[kind],
        availabilityZone: zone,
        mapPublicIpOnLaunch: false,
        tags: { ...named('nameTag', props, `${kind}-${letter}`).tags, ...tags },
      });
    return {
      letter,
      public: subnet('public', { ...shared, 'kubernetes.io/role/elb': '1' }),
      private: subnet('private', { ...shared, 'kubernetes.io/role/internal-elb': '1' }),
      database: subnet('database'),
    };
  });
}
