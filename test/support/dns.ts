import { createSocket, type Socket } from 'node:dgram';
import { decode, encode } from 'dns-packet';

/** A DNS server on UDP whose few records a test changes as it goes. */
export class TestDns {
  readonly cnames = new Map<string, string>();
  readonly addresses = new Map<string, string>();
  /** A silent server takes queries and answers none. */
  silent = false;
  readonly #socket: Socket = createSocket('udp4');

  static async start(): Promise<TestDns> {
    const dns = new TestDns();
    dns.#socket.on('message', (message, { address, port }) => {
      if (!dns.silent) dns.#socket.send(dns.#answer(message), port, address);
    });
    await new Promise<void>((resolve) => dns.#socket.bind(0, '127.0.0.1', resolve));
    return dns;
  }

  /** As `DNS_SERVER` wants it. */
  get server(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  stop(): void {
    this.#socket.close();
  }

  #answer(message: Buffer): Buffer {
    const { id, questions = [] } = decode(message);
    const name = questions[0]?.name.toLowerCase() ?? '';
    const cname = this.cnames.get(name);
    const address = this.addresses.get(name);
    return encode({
      type: 'response',
      ...(id !== undefined && { id }),
      questions,
      // A long TTL: whoever keeps an answer for it, instead of asking again, is found out.
      answers: [
        ...(cname === undefined ? [] : [{ type: 'CNAME' as const, name, ttl: 300, data: cname }]),
        ...(address === undefined ? [] : [{ type: 'A' as const, name, ttl: 300, data: address }]),
      ],
    });
  }
}
