import { awsDeployments, bytesOf, configurationOf, stackOf } from './graph';
import { bothWays, statementsOf } from './resources';

const networks = awsDeployments.flatMap((deployment) =>
  deployment.environment.regions.map((region, place) => {
    const stack = stackOf(deployment, 'network', region);
    const { name } = deployment.environment;
    return { name, region, place, deployment, stack, resources: configurationOf(stack).resource };
  }),
);

type Resources = (typeof networks)[number]['resources'];
const kinds = ['public', 'private', 'database'] as const;
const letters = ['a', 'b', 'c'] as const;

const idsOf = (resources: Resources, type: string): string[] => Object.keys(resources[type] ?? {});
const allOf = (resources: Resources, type: string) => Object.values(resources[type] ?? {});

it('is a stack in each region of every environment on AWS', () => {
  expect(networks.map(({ stack }) => stack.name)).toEqual(
    ['dev', 'production', 'staging'].flatMap((name) =>
      ['us-east-1', 'us-west-2'].map((region) => `tandem-${name}-${region}-network`),
    ),
  );
});

describe.each(networks)(
  'network of $name in $region',
  ({ name, region, place, deployment, stack, resources }) => {
    const { network, account, logRetentionDays, regions } = deployment.environment;
    const perZone = network.natGateways === 'zone' ? letters : (['a'] as const);
    const second = Number(network.cidr.split('.')[1]) + place;

    it('has three kinds of subnet in each of three zones', () => {
      expect(resources.aws_vpc?.vpc).toMatchObject({
        cidr_block: `10.${second}.0.0/16`,
        enable_dns_support: true,
        enable_dns_hostnames: true,
      });
      expect(idsOf(resources, 'aws_subnet')).toEqual(
        kinds.toSorted().flatMap((kind) => letters.map((letter) => `${kind}_${letter}`)),
      );
      for (const [id, subnet] of Object.entries(resources.aws_subnet ?? {})) {
        expect(subnet).toMatchObject({
          availability_zone: `${region}${id.slice(-1)}`,
          map_public_ip_on_launch: false,
        });
      }
    });

    it('tags subnets for the load balancers of its cluster', () => {
      const cluster = configurationOf(stackOf(deployment, 'cluster', region)).resource.aws_eks_cluster
        ?.cluster;
      const shared = { [`kubernetes.io/cluster/${String(cluster?.name)}`]: 'shared' };
      for (const letter of letters) {
        const tagsOf = (kind: string) => resources.aws_subnet?.[`${kind}_${letter}`]?.tags;
        expect(tagsOf('public')).toMatchObject({ ...shared, 'kubernetes.io/role/elb': '1' });
        expect(tagsOf('private')).toMatchObject({ ...shared, 'kubernetes.io/role/internal-elb': '1' });
        expect(JSON.stringify(tagsOf('database'))).not.toContain('kubernetes.io');
      }
    });

    it('associates every subnet with the route table of its kind', () => {
      const tableOf = (kind: string, letter: string) => (kind === 'private' ? `private_${letter}` : kind);
      const expected = kinds.flatMap((kind) =>
        letters.map((letter) => ({
          subnet_id: `\${aws_subnet.${kind}_${letter}.id}`,
          route_table_id: `\${aws_route_table.${tableOf(kind, letter)}_routes.id}`,
        })),
      );
      const associations = allOf(resources, 'aws_route_table_association');
      expect(associations).toHaveLength(expected.length);
      for (const each of expected) expect(associations).toContainEqual(expect.objectContaining(each));
    });

    it('lets public subnets out directly, private ones through NAT, and database subnets not at all', () => {
      const ways = allOf(resources, 'aws_route').map((route) => [
        route.route_table_id,
        route.destination_cidr_block,
        route.nat_gateway_id ?? route.gateway_id,
      ]);
      const out = (table: string, way: string) => [
        `\${aws_route_table.${table}_routes.id}`,
        '0.0.0.0/0',
        `\${${way}.id}`,
      ];
      expect(ways).toEqual([
        ...letters.map((letter) =>
          out(`private_${letter}`, `aws_nat_gateway.nat_${network.natGateways === 'zone' ? letter : 'a'}`),
        ),
        out('public', 'aws_internet_gateway.internet_gateway'),
      ]);
      // Or a table could have routes of its own.
      expect(allOf(resources, 'aws_route_table').filter((table) => 'route' in table)).toEqual([]);
    });

    it(`has a NAT gateway ${network.natGateways === 'zone' ? 'in each zone' : 'in the first zone'}`, () => {
      expect(idsOf(resources, 'aws_nat_gateway')).toEqual(perZone.map((letter) => `nat_${letter}`));
      for (const letter of perZone) {
        expect(resources.aws_nat_gateway?.[`nat_${letter}`]).toMatchObject({
          subnet_id: `\${aws_subnet.public_${letter}.id}`,
          allocation_id: `\${aws_eip.nat_${letter}_address.allocation_id}`,
        });
      }
    });

    it('reaches S3 and DynamoDB from every table but the public one, without NAT', () => {
      const tables = ['private_a', 'private_b', 'private_c', 'database'];
      for (const service of ['s3', 'dynamodb']) {
        expect(resources.aws_vpc_endpoint?.[`endpoint_${service}`]).toMatchObject({
          vpc_endpoint_type: 'Gateway',
          service_name: `com.amazonaws.${region}.${service}`,
          route_table_ids: tables.map((table) => `\${aws_route_table.${table}_routes.id}`),
        });
      }
    });

    it('reaches what a cluster asks of AWS by the ordinary names, inside the VPC', () => {
      const interfaces = allOf(resources, 'aws_vpc_endpoint').filter(
        (endpoint) => endpoint.vpc_endpoint_type === 'Interface',
      );
      const services = interfaces.map((endpoint) => endpoint.service_name);
      const expected = [
        ...['autoscaling', 'ec2', 'ecr.api', 'ecr.dkr', 'eks-auth', 'elasticache', 'elasticloadbalancing'],
        ...['kms', 'logs', 'monitoring', 'rds', 'secretsmanager', 'sts'],
      ];
      expect(services).toEqual(expected.map((service) => `com.amazonaws.${region}.${service}`));
      for (const endpoint of interfaces) {
        expect(endpoint).toMatchObject({
          private_dns_enabled: true,
          subnet_ids: perZone.map((letter) => `\${aws_subnet.private_${letter}.id}`),
          security_group_ids: ['${aws_security_group.endpoints.id}'],
        });
      }
    });

    it('lets nobody else’s credentials through an endpoint, but for reading S3 and a service account’s token', () => {
      const open = Object.entries(resources.aws_vpc_endpoint ?? {}).flatMap(([id, { policy }]) => {
        const [own, ...others] = statementsOf(policy);
        expect(own).toEqual({
          Sid: 'OwnCallers',
          Effect: 'Allow',
          Principal: '*',
          Action: ['*'],
          Resource: ['*'],
          Condition: { StringEquals: { 'aws:PrincipalAccount': account } },
        });
        return others.map(({ Action, Resource }) => [id, Action, Resource]);
      });
      expect(open).toEqual([
        ['endpoint_s3', ['s3:GetObject'], ['*']],
        ['endpoint_sts', ['sts:AssumeRoleWithWebIdentity'], [`arn:aws:iam::${account}:role/*`]],
      ]);
    });

    it('opens HTTPS to the endpoints from inside the VPC, and nothing else to anything', () => {
      expect(allOf(resources, 'aws_vpc_security_group_ingress_rule')).toEqual([
        expect.objectContaining({
          security_group_id: '${aws_security_group.endpoints.id}',
          cidr_ipv4: `10.${second}.0.0/16`,
          ip_protocol: 'tcp',
          from_port: 443,
          to_port: 443,
        }),
      ]);
      expect(idsOf(resources, 'aws_vpc_security_group_egress_rule')).toEqual([]);
      expect(idsOf(resources, 'aws_security_group')).toEqual(['endpoints']);
      expect(resources.aws_security_group?.endpoints).not.toHaveProperty('ingress');
      expect(resources.aws_security_group?.endpoints).not.toHaveProperty('egress');
      // Written as empty: left out, a rule added by hand would stay.
      expect(resources.aws_default_security_group?.default_security_group).toMatchObject({
        vpc_id: '${aws_vpc.vpc.id}',
        ingress: [],
        egress: [],
      });
    });

    it('records all traffic in a log group with a retention and a key', () => {
      expect(resources.aws_flow_log?.flow_log).toMatchObject({
        vpc_id: '${aws_vpc.vpc.id}',
        traffic_type: 'ALL',
        log_destination: '${aws_cloudwatch_log_group.flow_logs.arn}',
        iam_role_arn: '${aws_iam_role.flow_logs_role.arn}',
      });
      expect(resources.aws_cloudwatch_log_group?.flow_logs).toMatchObject({
        name: `tandem-${name}-${region}-flow-logs`,
        retention_in_days: logRetentionDays,
        kms_key_id: '${aws_kms_key.flow_logs_key.arn}',
      });
      expect(resources.aws_kms_key?.flow_logs_key).toMatchObject({ enable_key_rotation: true });
    });

    it('lets CloudWatch Logs use the key, and flow logs write, for that log group only', () => {
      const logGroup = `arn:aws:logs:${region}:${account}:log-group:tandem-${name}-${region}-flow-logs`;
      const [owner, service, ...more] = statementsOf(resources.aws_kms_key?.flow_logs_key?.policy);
      expect(owner).toMatchObject({ Principal: { AWS: `arn:aws:iam::${account}:root` } });
      expect(service).toMatchObject({
        Principal: { Service: `logs.${region}.amazonaws.com` },
        Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroup } },
      });
      expect(more).toEqual([]);
      const [permission, ...others] = statementsOf(
        resources.aws_iam_role_policy?.flow_logs_permission?.policy,
      );
      expect(permission?.Resource).toEqual(['${aws_cloudwatch_log_group.flow_logs.arn}:*']);
      expect(others).toEqual([]);
      const [trust, ...anybody] = statementsOf(resources.aws_iam_role?.flow_logs_role?.assume_role_policy);
      expect(trust).toMatchObject({
        Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      });
      expect(anybody).toEqual([]);
    });

    it('keeps the record where the environment is protected', () => {
      for (const kept of [
        resources.aws_kms_key?.flow_logs_key,
        resources.aws_cloudwatch_log_group?.flow_logs,
      ]) {
        expect(kept?.lifecycle).toEqual({ prevent_destroy: name === 'production' });
      }
    });

    it('knows nothing of its peer nor of roles', () => {
      expect(bytesOf(stack)).not.toContain(regions[1 - place]);
      for (const assigned of bothWays(deployment)) {
        expect(bytesOf(stackOf(assigned, 'network', region))).toBe(bytesOf(stack));
      }
    });
  },
);
