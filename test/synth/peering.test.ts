import { z } from 'zod';
import type { AwsDeployment } from '../../stacks/deployment';
import { awsDeployments, bytesOf, configurationOf, stackOf } from './graph';
import { bothWays } from './resources';

const connected = awsDeployments.flatMap((deployment) => {
  const { environment } = deployment;
  const network = { ...environment.network, connection: 'transit-gateway' } as const;
  const other: AwsDeployment = { ...deployment, environment: { ...environment, network } };
  // No environment that exists has transit gateways.
  return [deployment, ...(environment.name === 'production' ? [other] : [])].map((each) => ({
    name: environment.name,
    connection: each.environment.network.connection,
    deployment: each,
  }));
});

const of = (connection: string) => connected.filter((each) => each.connection === connection);
const resourcesOf = (deployment: AwsDeployment) => configurationOf(stackOf(deployment, 'peering')).resource;
const idOf = (region: string) => region.replaceAll('-', '_');

/** Each region with its peer, and the addresses that the network stacks themselves give to both. */
const pairsOf = (deployment: AwsDeployment) =>
  deployment.environment.regions.map((region, place, regions) => {
    const peer = regions[1 - place] ?? '';
    const vpc = configurationOf(stackOf(deployment, 'network', peer)).resource.aws_vpc?.vpc;
    return { region, peer, id: idOf(region), peerCidr: z.string().parse(vpc?.cidr_block) };
  });

describe.each(connected)('$connection of $name', ({ deployment }) => {
  it('has a route to the peer in every private and database table of both regions', () => {
    const routes = resourcesOf(deployment).aws_route ?? {};
    const expected = pairsOf(deployment).flatMap(({ region, id, peerCidr }) => {
      const tables = Object.keys(
        configurationOf(stackOf(deployment, 'network', region)).resource.aws_route_table ?? {},
      );
      return tables
        .filter((table) => table !== 'public_routes')
        .map((table) => [`${id}_${table.replace('_routes', '')}`, peerCidr, `aws.${id}`]);
    });
    expect(expected).toHaveLength(8);
    expect(
      Object.entries(routes).map(([id, route]) => [id, route.destination_cidr_block, route.provider]),
    ).toEqual(expected);
  });

  it('reads both regions’ networks, each from its own region', () => {
    const live = stackOf({ ...deployment, mode: 'live' }, 'peering');
    const { data } = z
      .object({
        data: z.object({
          terraform_remote_state: z.record(
            z.string(),
            z.object({ config: z.object({ key: z.string(), region: z.string() }) }),
          ),
        }),
      })
      .parse(JSON.parse(bytesOf(live)));
    expect(
      Object.values(data.terraform_remote_state).map(({ config: { key, region } }) => [key, region]),
    ).toEqual(deployment.environment.regions.map((region) => ['network.tfstate', region]));
    const tables = Object.values(configurationOf(live).resource.aws_route ?? {}).map((route) =>
      z.string().parse(route.route_table_id),
    );
    // Eight different ones: no region's way leads through the other's table.
    expect(new Set(tables).size).toBe(8);
    for (const table of tables) expect(table).toContain('data.terraform_remote_state.state_');
  });

  it('is the same bytes whichever region is active', () => {
    const [one, other] = bothWays(deployment).map((assigned) => bytesOf(stackOf(assigned, 'peering')));
    expect(one).toBe(other);
  });
});

describe.each(of('peering'))('VPC peering of $name', ({ deployment }) => {
  const [first, second] = deployment.environment.regions;
  const resources = resourcesOf(deployment);
  const accepted = '${aws_vpc_peering_connection_accepter.peering_accepter.id}';

  it('is asked for by the first region and accepted by the second', () => {
    expect(resources.aws_vpc_peering_connection?.peering).toMatchObject({
      provider: `aws.${idOf(first)}`,
      peer_region: second,
      auto_accept: false,
    });
    expect(resources.aws_vpc_peering_connection_accepter?.peering_accepter).toMatchObject({
      provider: `aws.${idOf(second)}`,
      vpc_peering_connection_id: '${aws_vpc_peering_connection.peering.id}',
      auto_accept: true,
    });
  });

  it('resolves the other side’s names to private addresses both ways, and routes, once it is accepted', () => {
    const dns = { allow_remote_vpc_dns_resolution: true };
    expect(resources.aws_vpc_peering_connection_options).toMatchObject({
      peering_requester_dns: {
        provider: `aws.${idOf(first)}`,
        vpc_peering_connection_id: accepted,
        requester: dns,
      },
      peering_accepter_dns: {
        provider: `aws.${idOf(second)}`,
        vpc_peering_connection_id: accepted,
        accepter: dns,
      },
    });
    for (const route of Object.values(resources.aws_route ?? {})) {
      expect(route.vpc_peering_connection_id).toBe(accepted);
    }
  });

  it('has no transit gateway', () => {
    expect(Object.keys(resources).filter((type) => type.includes('transit'))).toEqual([]);
  });
});

describe.each(of('transit-gateway'))('transit gateways of $name', ({ deployment }) => {
  const [first, second] = deployment.environment.regions;
  const resources = resourcesOf(deployment);

  it('are one in each region with its VPC attached in three zones, under different ASNs', () => {
    const gateways = resources.aws_ec2_transit_gateway ?? {};
    expect(Object.keys(gateways)).toEqual([`transit_${idOf(first)}`, `transit_${idOf(second)}`]);
    expect(new Set(Object.values(gateways).map((gateway) => gateway.amazon_side_asn)).size).toBe(2);
    for (const region of [first, second]) {
      const id = idOf(region);
      expect(resources.aws_ec2_transit_gateway_vpc_attachment?.[`transit_${id}_vpc`]).toMatchObject({
        provider: `aws.${id}`,
        transit_gateway_id: `\${aws_ec2_transit_gateway.transit_${id}.id}`,
        subnet_ids: { length: 3 },
      });
    }
  });

  it('are peered, and know the way to each other’s VPC', () => {
    expect(resources.aws_ec2_transit_gateway_peering_attachment?.transit_peering).toMatchObject({
      provider: `aws.${idOf(first)}`,
      transit_gateway_id: `\${aws_ec2_transit_gateway.transit_${idOf(first)}.id}`,
      peer_transit_gateway_id: `\${aws_ec2_transit_gateway.transit_${idOf(second)}.id}`,
      peer_region: second,
    });
    const accepter = 'aws_ec2_transit_gateway_peering_attachment_accepter';
    expect(resources[accepter]?.transit_peering_accepter?.provider).toBe(`aws.${idOf(second)}`);
    for (const { id, peerCidr } of pairsOf(deployment)) {
      expect(resources.aws_ec2_transit_gateway_route?.[`transit_${id}_to_peer`]).toMatchObject({
        provider: `aws.${id}`,
        destination_cidr_block: peerCidr,
        transit_gateway_route_table_id: `\${aws_ec2_transit_gateway.transit_${id}.association_default_route_table_id}`,
        transit_gateway_attachment_id: `\${${accepter}.transit_peering_accepter.id}`,
      });
    }
  });

  it('are what the routes lead to, once the VPC is attached', () => {
    for (const route of Object.values(resources.aws_route ?? {})) {
      const id = z.string().parse(route.provider).replace('aws.', '');
      const attachment = `aws_ec2_transit_gateway_vpc_attachment.transit_${id}_vpc`;
      expect(route.transit_gateway_id).toBe(`\${${attachment}.transit_gateway_id}`);
    }
    expect(resources).not.toHaveProperty('aws_vpc_peering_connection');
  });
});
