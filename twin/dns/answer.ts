import type { RecordSet, Zone } from './zone';

/** DNS response codes (RFC 1035, 4.1.1). */
export const rcodes = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

interface AnswerRecord {
  readonly name: string;
  readonly type: 'A' | 'CNAME';
  readonly ttl: number;
  readonly data: string;
}

export interface Answer {
  readonly rcode: (typeof rcodes)[keyof typeof rcodes];
  readonly records: readonly AnswerRecord[];
}

export interface Asked {
  readonly name: string;
  readonly type: string;
}

/**
 * The failover policy: the secondary answers only while it is healthy and the primary is not.
 * Source: Route 53 API Reference, "ResourceRecordSet" (Failover).
 */
export const chooseFailover = <T>(primary: T, secondary: T, healthy: (record: T) => boolean): T =>
  !healthy(primary) && healthy(secondary) ? secondary : primary;

/**
 * Answers a question from the zone, following CNAMEs while they stay in it; a name with nothing of the type asked
 * for has an empty answer. `turn` rotates several addresses.
 */
export function answer(
  zone: Zone,
  asked: Asked,
  healthy: (record: RecordSet) => boolean,
  turn: number,
): Answer {
  const follow = (name: string, chain: readonly AnswerRecord[]): Answer => {
    if (name !== zone.name && !name.endsWith(`.${zone.name}`)) {
      return { rcode: chain.length === 0 ? rcodes.REFUSED : rcodes.NOERROR, records: chain };
    }
    const group = zone.records.get(name);
    if (!group) return { rcode: existsAbove(zone, name) ? rcodes.NOERROR : rcodes.NXDOMAIN, records: chain };
    const [primary, secondary = primary] = group;
    const chosen = chooseFailover(primary, secondary, healthy);
    const found = rotate(chosen.values, turn).map((data) => ({
      name,
      type: chosen.type,
      ttl: chosen.ttl,
      data,
    }));
    if (chosen.type === asked.type) return { rcode: rcodes.NOERROR, records: [...chain, ...found] };
    const [alias] = found;
    const loops = chain.some((record) => record.name === name);
    if (chosen.type !== 'CNAME' || !alias || loops) return { rcode: rcodes.NOERROR, records: chain };
    return follow(alias.data, [...chain, alias]);
  };
  return follow(asked.name.toLowerCase(), []);
}

/** The zone's own name and names that only have names below them exist, without a record that is kept here. */
const existsAbove = (zone: Zone, name: string): boolean =>
  name === zone.name || [...zone.records.keys()].some((below) => below.endsWith(`.${name}`));

const rotate = <T>(values: readonly T[], turn: number): T[] => {
  const first = turn % values.length;
  return [...values.slice(first), ...values.slice(0, first)];
};
