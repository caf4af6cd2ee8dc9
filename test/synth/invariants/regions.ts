import { at, type Declared, type Graph } from '../resources';

/** What a region has that its peer must have a copy of, and how that copy says so. */
const twins: Readonly<Record<string, (one: Declared, other: Declared, graph: Graph) => boolean>> = {
  aws_db_instance: (one, other) =>
    String(other.attributes.replicate_source_db).startsWith(`arn:aws:rds:${one.region}:`) &&
    String(other.attributes.replicate_source_db).endsWith(`:db:${String(one.attributes.identifier)}`),
  aws_dynamodb_table: (one, other) => other.id === one.id,
  aws_ecr_repository: (one, other, { resources }) =>
    other.attributes.name === one.attributes.name ||
    resources.some(
      ({ type, stack, attributes }) =>
        type === 'aws_ecr_replication_configuration' &&
        stack === one.stack &&
        JSON.stringify(attributes).includes(`"region":"${other.region}"`),
    ),
  aws_elasticache_replication_group: (_, other, graph) =>
    other.attributes.global_replication_group_id !== undefined || !pairsCaches(graph),
  aws_s3_bucket: (one, other) =>
    other.id.replaceAll(region(other), '') === one.id.replaceAll(region(one), ''),
};

/** A Global Datastore needs automatic failover, which needs a replica: smaller caches are filled by each region itself. */
const pairsCaches = ({ deployment: { environment } }: Graph): boolean =>
  environment.target === 'aws' && environment.cache.nodesPerShard > 1;

const region = (of: Declared): string => of.region.replaceAll('-', '_');

const isCopy = ({ attributes }: Declared): boolean =>
  attributes.replicate_source_db !== undefined || attributes.global_replication_group_id !== undefined;

/** The first and the last address of a network, as numbers. */
function range(cidr: string): readonly [number, number] {
  const [address = '', bits = ''] = cidr.split('/');
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return [first, first + 2 ** (32 - Number(bits)) - 1];
}

/** Pairs of networks that share an address. */
function overlaps(
  networks: readonly { readonly cidr: string; readonly address: string }[],
): readonly string[] {
  const sorted = networks
    .map(({ cidr, address }) => ({ address, range: range(cidr) }))
    .toSorted((one, other) => one.range[0] - other.range[0]);
  return sorted.flatMap(({ address, range: [first] }, index) => {
    const before = sorted[index - 1];
    return before && before.range[1] >= first ? [`${before.address} and ${address}`] : [];
  });
}

/** The networks that resources of a type declare. */
const networksOf = ({ resources }: Graph, type: string) =>
  resources
    .filter((each) => each.type === type)
    .map(({ attributes, address }) => ({ cidr: String(attributes.cidr_block), address }));

export const regionInvariants = {
  'has for every store the twin in the other region': (graph: Graph) =>
    graph.resources
      .filter((each) => !isCopy(each))
      .filter((one) => {
        const isTwin = twins[one.type];
        const others = graph.resources.filter(
          ({ type, region }) => type === one.type && region !== one.region,
        );
        return isTwin && !others.some((other) => isTwin(one, other, graph));
      })
      .map(({ address }) => address),

  'writes to database and cache in the active region alone': (graph: Graph) => {
    const stores = ['aws_db_instance', ...(pairsCaches(graph) ? ['aws_elasticache_replication_group'] : [])];
    return graph.resources
      .filter((each) => stores.includes(each.type) && !isCopy(each))
      .filter((each) => graph.deployment.roles[each.region]?.role !== 'active')
      .map(({ address }) => address);
  },

  'looks nothing up but other layers’ state, in a region only its own': ({ data, stacks }: Graph) =>
    data
      .filter(({ stack, type, attributes }) => {
        const own = stacks.find(({ name }) => name === stack)?.region;
        return (
          type !== 'terraform_remote_state' || (own !== undefined && at(attributes, 'config.region') !== own)
        );
      })
      .map(({ address }) => address),

  'touches from a region’s stack that region alone': ({ resources, stacks }: Graph) =>
    resources
      .filter(({ stack, region }) => {
        const own = stacks.find(({ name }) => name === stack)?.region;
        return own !== undefined && own !== region;
      })
      .map(({ address }) => address),

  'overlaps no network with another': (graph: Graph) => [
    ...overlaps(networksOf(graph, 'aws_vpc')),
    ...overlaps(networksOf(graph, 'aws_subnet')),
  ],
};
