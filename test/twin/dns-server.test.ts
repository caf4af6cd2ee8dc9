import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode, streamEncode } from 'dns-packet';
import { z } from 'zod';
import { rcodes } from '../../twin/dns/answer';
import { type DnsServer, startDnsServer } from '../../twin/dns/server';

const address = '127.0.0.1';
const query = streamEncode({ type: 'query', id: 9, questions: [{ type: 'A', name: 'app.tandem.example' }] });

describe('the name server', () => {
  let server: DnsServer;

  beforeEach(async () => {
    server = await startDnsServer(address, ({ name }) => ({
      rcode: rcodes.NOERROR,
      records: [{ name, type: 'A', ttl: 30, data: '127.0.11.1' }],
    }));
  });
  afterEach(() => server.close());

  const askOverUdp = async (): Promise<Buffer> => {
    const udp = createSocket('udp4');
    udp.send(query.subarray(2), server.port, address);
    const [response] = z
      .tuple([z.instanceof(Buffer)])
      .rest(z.unknown())
      .parse(await once(udp, 'message'));
    udp.close();
    return response;
  };

  it('answers over UDP, and outlives packets that are no queries', async () => {
    const udp = createSocket('udp4');
    for (const packet of [Buffer.alloc(0), Buffer.from('no query at all'), query.subarray(2, 20)]) {
      udp.send(packet, server.port, address);
    }
    expect(decode(await askOverUdp())).toMatchObject({ id: 9, answers: [{ data: '127.0.11.1', ttl: 30 }] });
    udp.close();
  });

  it('answers the same over TCP on the same port, however the messages are cut', async () => {
    const response = await askOverUdp();
    const tcp = connect(server.port, address);
    tcp.write(query.subarray(0, 5));
    await sleep(20);
    tcp.write(Buffer.concat([query.subarray(5), query]));
    let received = Buffer.alloc(0);
    tcp.on('data', (chunk) => (received = Buffer.concat([received, chunk])));
    const framed = Buffer.concat([Buffer.from([0, response.length]), response]);
    while (received.length < 2 * framed.length) await once(tcp, 'data');
    expect(received).toEqual(Buffer.concat([framed, framed]));

    tcp.write(Buffer.from([0, 3, 1, 2, 3]));
    await once(tcp, 'close');
    expect(await askOverUdp()).toEqual(response);
  });

  it('says so when it can not bind', async () => {
    await expect(
      startDnsServer('192.0.2.1', () => ({ rcode: rcodes.REFUSED, records: [] })),
    ).rejects.toMatchObject({
      code: 'PortUnavailable',
    });
  });
});
