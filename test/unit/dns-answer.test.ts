import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import fc from 'fast-check';
import { answer, chooseFailover, rcodes } from '../../twin/dns/answer';
import { respond } from '../../twin/dns/server';
import { readZone, type RecordSet } from '../../twin/dns/zone';
import { loadBalancers, trafficStack } from '../support/traffic-stack';

const stack = trafficStack();
const more = {
  zone_id: '${aws_route53_zone.zone.zone_id}',
  type: 'CNAME',
  ttl: 5,
};
const asked = {
  outside: { ...more, name: 'outside.tandem.example', records: ['www.elsewhere.example'] },
  gone: { ...more, name: 'gone.tandem.example', records: ['missing.tandem.example'] },
  loop: { ...more, name: 'loop.tandem.example', records: ['pool.tandem.example'] },
  pool: { ...more, name: 'pool.tandem.example', records: ['loop.tandem.example'] },
  deep: { ...more, name: 'a.deep.tandem.example', records: ['www.elsewhere.example'] },
};
Object.assign(stack.resource.aws_route53_record, asked);
// A check asks for each: the twin reads no record that neither a failover nor a check asks for.
for (const [id, { name: fqdn }] of Object.entries(asked)) {
  const check = { ...stack.resource.aws_route53_health_check.endpoint_east, fqdn };
  Object.assign(stack.resource.aws_route53_health_check, { [id]: check });
}
const zone = readZone({ synthesized: stack, loadBalancers });

const ask = (name: string, type = 'A', healthy: (record: RecordSet) => boolean = () => true, turn = 0) => {
  const { rcode, records } = answer(zone, { name, type }, healthy, turn);
  return [rcode, ...records.map((one) => `${one.name} ${one.ttl} ${one.type} ${one.data}`)];
};

describe('the failover policy', () => {
  it('answers with the secondary only while it is healthy and the primary is not', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (primary, secondary) => {
        const chosen = chooseFailover('primary', 'secondary', (one) =>
          one === 'primary' ? primary : secondary,
        );
        expect(chosen).toBe(secondary && !primary ? 'secondary' : 'primary');
      }),
    );
  });
});

describe('an answer', () => {
  const east = [
    rcodes.NOERROR,
    'app.tandem.example 30 CNAME us-east-1.app.tandem.example',
    'us-east-1.app.tandem.example 60 A 127.0.11.1',
    'us-east-1.app.tandem.example 60 A 127.0.11.2',
  ];

  it('carries the chain from the public name to the addresses, with each TTL', () => {
    expect(ask('app.tandem.example')).toEqual(east);
    expect(ask('APP.tandem.Example')).toEqual(east);
  });

  it('follows the health of the pair', () => {
    const only = (region: string) => (record: RecordSet) => record.setIdentifier === region;
    expect(ask('app.tandem.example', 'CNAME', only('us-west-2'))).toEqual([
      rcodes.NOERROR,
      'app.tandem.example 30 CNAME us-west-2.app.tandem.example',
    ]);
    expect(ask('app.tandem.example', 'A', only('us-east-1'))).toEqual(east);
    expect(ask('app.tandem.example', 'A', () => false)).toEqual(east);
  });

  it('rotates the addresses of a load balancer', () => {
    expect(ask('us-west-2.app.tandem.example', 'A', undefined, 1)).toEqual([
      rcodes.NOERROR,
      'us-west-2.app.tandem.example 60 A 127.0.12.2',
      'us-west-2.app.tandem.example 60 A 127.0.12.1',
    ]);
  });

  it.each([
    [
      'is empty for a type that the name does not have',
      'us-east-1.app.tandem.example',
      'AAAA',
      [rcodes.NOERROR],
    ],
    ["is empty for the zone's own name", 'tandem.example', 'A', [rcodes.NOERROR]],
    ['is empty for a name that only has names below it', 'deep.tandem.example', 'A', [rcodes.NOERROR]],
    ['is NXDOMAIN for an unknown name', 'nobody.tandem.example', 'A', [rcodes.NXDOMAIN]],
    ['is REFUSED outside the zone', 'www.elsewhere.example', 'A', [rcodes.REFUSED]],
    ['is REFUSED for a name that only ends alike', 'nottandem.example', 'A', [rcodes.REFUSED]],
    [
      'leaves a CNAME out of the zone to the resolver',
      'outside.tandem.example',
      'A',
      [rcodes.NOERROR, 'outside.tandem.example 5 CNAME www.elsewhere.example'],
    ],
    [
      'is NXDOMAIN, with the chain, when a CNAME leads nowhere',
      'gone.tandem.example',
      'A',
      [rcodes.NXDOMAIN, 'gone.tandem.example 5 CNAME missing.tandem.example'],
    ],
    [
      'ends where a chain comes back to itself',
      'loop.tandem.example',
      'A',
      [
        rcodes.NOERROR,
        'loop.tandem.example 5 CNAME pool.tandem.example',
        'pool.tandem.example 5 CNAME loop.tandem.example',
      ],
    ],
  ])('%s', (_, name, type, expected) => {
    expect(ask(name, type)).toEqual(expected);
  });
});

describe('a response', () => {
  const answerTo = ({ name, type }: { name: string; type: string }) =>
    answer(zone, { name, type }, () => true, 0);
  const question = { type: 'A', name: 'app.tandem.example' } as const;
  const respondTo = (query: Parameters<typeof encode>[0]) => {
    const response = respond(encode({ type: 'query', id: 7, ...query }), answerTo);
    return response && decode(response);
  };

  it('is authoritative, repeats the id, the question and the wish for recursion, and offers none', () => {
    expect(respondTo({ flags: RECURSION_DESIRED, questions: [question] })).toMatchObject({
      id: 7,
      flag_qr: true,
      flag_aa: true,
      flag_rd: true,
      flag_ra: false,
      rcode: 'NOERROR',
      questions: [question],
      answers: [{ type: 'CNAME' }, { type: 'A', data: '127.0.11.1' }, { type: 'A', data: '127.0.11.2' }],
    });
  });

  it('is NOTIMP for what is no query for records, FORMERR for anything but one question', () => {
    expect(respondTo({ flags: 5 << 11, questions: [question] })).toMatchObject({
      rcode: 'NOTIMP',
      answers: [],
    });
    expect(respondTo({ questions: [] })).toMatchObject({ rcode: 'FORMERR' });
    expect(respondTo({ questions: [question, question] })).toMatchObject({ rcode: 'FORMERR' });
  });

  it('is not sent to a response', () => {
    expect(respond(encode({ type: 'response', questions: [question] }), answerTo)).toBeUndefined();
  });

  it('is nothing, or a response, to any bytes at all', () => {
    const query = encode({ type: 'query', id: 7, questions: [question] });
    const damaged = fc
      .tuple(fc.nat(query.length - 1), fc.nat(255), fc.nat(query.length))
      .map(([at, byte, length]) => {
        const bytes = Buffer.from(query);
        bytes[at] = byte;
        return bytes.subarray(0, length);
      });
    const anything = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, anything), (bytes) => {
        const response = respond(bytes, answerTo);
        if (response) expect(decode(response).flag_qr).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
