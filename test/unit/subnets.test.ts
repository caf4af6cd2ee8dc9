import fc from 'fast-check';
import { awsRegions, zonesOf } from '../../environments/aws-regions';
import { subnetCidrs, vpcCidrs, type ZoneCidrs } from '../../modules/network/subnets';

/** What the schema lets through. */
const environmentCidr = fc.integer({ min: 0, max: 127 }).map((pair) => `10.${2 * pair}.0.0/15`);
const zones = (count: number) => ['a', 'b', 'c', 'd'].slice(0, count);

/** The first address of a network and the first after it, as numbers. */
function rangeOf(cidr: string): readonly [number, number] {
  const [address = '', bits] = cidr.split('/');
  const start = address.split('.').reduce((so, byte) => so * 256 + Number(byte), 0);
  return [start, start + 2 ** (32 - Number(bits))];
}

const sizeOf = (cidr: string): number => rangeOf(cidr)[1] - rangeOf(cidr)[0];
const networksOf = (rows: readonly ZoneCidrs[]): string[] =>
  rows.flatMap((row) => [row.public, row.private, row.database]);
const inside = (cidr: string, outer: string): boolean =>
  rangeOf(cidr)[0] >= rangeOf(outer)[0] && rangeOf(cidr)[1] <= rangeOf(outer)[1];

function expectDisjoint(cidrs: readonly string[]): void {
  const ranges = cidrs.map(rangeOf).toSorted(([one], [other]) => one - other);
  ranges.slice(1).forEach(([start], at) => expect(start).toBeGreaterThanOrEqual(ranges[at]?.[1] ?? Infinity));
}

it('gives each region a half of the environment', () => {
  fc.assert(
    fc.property(environmentCidr, (cidr) => {
      const vpcs = vpcCidrs(cidr);
      expect(vpcs.every((vpc) => inside(vpc, cidr))).toBe(true);
      expect(sizeOf(vpcs[0]) + sizeOf(vpcs[1])).toBe(sizeOf(cidr));
      expectDisjoint(vpcs);
    }),
  );
});

it('puts every subnet of both regions inside its VPC, on a boundary of its size, without an overlap', () => {
  fc.assert(
    fc.property(environmentCidr, fc.integer({ min: 1, max: 4 }), (cidr, count) => {
      const all = vpcCidrs(cidr).flatMap((vpc) => {
        const subnets = networksOf(subnetCidrs(vpc, zones(count)));
        expect(subnets.every((subnet) => inside(subnet, vpc))).toBe(true);
        return subnets;
      });
      expect(all).toHaveLength(2 * 3 * count);
      // AWS refuses a CIDR that has host bits.
      expect(all.filter((subnet) => rangeOf(subnet)[0] % sizeOf(subnet) !== 0)).toEqual([]);
      expectDisjoint(all);
    }),
  );
});

it('moves nothing for a fourth zone, and leaves three eighths of the VPC free even then', () => {
  fc.assert(
    fc.property(environmentCidr, (cidr) => {
      const [vpc] = vpcCidrs(cidr);
      const four = subnetCidrs(vpc, zones(4));
      expect(subnetCidrs(vpc, zones(3))).toEqual(four.slice(0, 3));
      const used = networksOf(four).reduce((so, subnet) => so + sizeOf(subnet), 0);
      expect(sizeOf(vpc) - used).toBe((sizeOf(vpc) * 3) / 8);
    }),
  );
});

it('stays what it was: a subnet can not be renumbered', () => {
  expect(subnetCidrs('10.4.0.0/16', ['a', 'b', 'c'])).toEqual([
    { zone: 'a', public: '10.4.128.0/22', private: '10.4.0.0/19', database: '10.4.144.0/22' },
    { zone: 'b', public: '10.4.132.0/22', private: '10.4.32.0/19', database: '10.4.148.0/22' },
    { zone: 'c', public: '10.4.136.0/22', private: '10.4.64.0/19', database: '10.4.152.0/22' },
  ]);
});

it('has room for the largest cluster in two zones', () => {
  const [first] = subnetCidrs('10.4.0.0/16', zones(1));
  // A t3.large has 3 network interfaces with 12 addresses each; AWS keeps 5 of each subnet.
  expect(2 * (sizeOf(first?.private ?? '') - 5)).toBeGreaterThanOrEqual(450 * 3 * 12);
});

it.each(awsRegions)('names three zones of %s', (region) => {
  const three = zonesOf(region);
  expect(new Set(three).size).toBe(3);
  for (const zone of three) expect(zone).toMatch(new RegExp(`^${region}[a-d]$`));
});

it('leaves out zones that newer accounts do not have', () => {
  expect(zonesOf('ap-northeast-1')).not.toContain('ap-northeast-1b');
  expect(zonesOf('ca-central-1')).not.toContain('ca-central-1c');
});
