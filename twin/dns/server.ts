import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { reasonOf, TandemError } from '../../lib/errors';
import { type Answer, type Asked, rcodes } from './answer';

type AnswerTo = (asked: Asked) => Answer;

/** The response message to a query message, or nothing for bytes that are no query. */
export function respond(message: Buffer, answerTo: AnswerTo): Buffer | undefined {
  const query = orNothing(() => decode(message));
  if (query?.type !== 'query') return undefined;
  const { id = 0, flags = 0, questions = [] } = query;
  const { rcode, records } = answerOpcode((flags >> 11) & 0xf, questions, answerTo);
  // A label may hold bytes that do not survive the way back: then there is no response either.
  return orNothing(() =>
    encode({
      type: 'response',
      id,
      flags: AUTHORITATIVE_ANSWER | (flags & RECURSION_DESIRED) | rcode,
      questions,
      answers: [...records],
    }),
  );
}

function answerOpcode(opcode: number, [question, ...more]: readonly Asked[], answerTo: AnswerTo): Answer {
  if (opcode !== 0) return { rcode: rcodes.NOTIMP, records: [] };
  if (!question || more.length > 0) return { rcode: rcodes.FORMERR, records: [] };
  return answerTo(question);
}

function orNothing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves DNS over UDP and TCP on one port of `address`, any free one when it is 0.
 * @throws TandemError PortUnavailable
 */
export async function startDnsServer(address: string, answerTo: AnswerTo, port = 0): Promise<DnsServer> {
  let last: unknown;
  // The system picks the UDP port; TCP may have it in use, and then another is tried.
  for (let attempt = 0; attempt < (port === 0 ? 10 : 1); attempt++) {
    try {
      const udp = await serveUdp(address, port, answerTo);
      try {
        const tcp = await serveTcp(address, udp.port, answerTo);
        return { port: udp.port, close: () => Promise.all([udp.close(), tcp.close()]).then(() => undefined) };
      } catch (thrown) {
        await udp.close();
        throw thrown;
      }
    } catch (thrown) {
      last = thrown;
    }
  }
  throw new TandemError('PortUnavailable', {
    found: `${port === 0 ? 'no port' : `port ${port}`} of ${address} could ${port === 0 ? '' : 'not '}be bound for UDP and TCP (last: ${reasonOf(last)})`,
    expected: 'one port for both',
    next: 'end what listens there (ss -lnutp), or bind an address of this machine that has free ports',
    cause: last,
  });
}

async function serveUdp(address: string, port: number, answerTo: AnswerTo): Promise<DnsServer> {
  const socket = createSocket('udp4');
  socket.on('message', (message, peer) => {
    const response = respond(message, answerTo);
    // The peer may be gone by now; that is its own business.
    if (response) socket.send(response, peer.port, peer.address, () => undefined);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => new Promise((closed) => socket.close(() => closed())) };
}

async function serveTcp(address: string, port: number, answerTo: AnswerTo): Promise<DnsServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Each message follows its length in two bytes (RFC 1035, 4.2.2).
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const response = respond(received.subarray(2, end), answerTo);
        received = received.subarray(end);
        if (!response) {
          socket.destroy();
          return;
        }
        const length = Buffer.alloc(2);
        length.writeUInt16BE(response.length);
        socket.write(Buffer.concat([length, response]));
      }
    });
  });
  server.listen(port, address);
  await once(server, 'listening');
  return {
    port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of open) socket.destroy();
      }),
  };
}
