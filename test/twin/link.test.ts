import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Link } from '../../twin/link';

describe('the link between the regions', () => {
  let server: Server;
  let link: Link;
  let received: string;
  let client: Socket;

  beforeEach(async () => {
    received = '';
    server = createServer((socket) => {
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound ? bound.port : 0;
    link = await Link.open({ host: '127.0.0.1', port }, '127.0.0.1');
    client = connect(link.port, '127.0.0.1');
    client.on('error', () => undefined);
    await once(client, 'connect');
  });

  afterEach(async () => {
    client.destroy();
    await link.close();
    server.close();
  });

  it('relays what is sent', async () => {
    client.write('hello');
    await sleep(100);
    expect(received).toBe('hello');
  });

  it('is silent while it is cut: nothing arrives, nothing is refused', async () => {
    link.cut();
    client.write('lost');
    await sleep(200);
    expect(received).toBe('');
    expect(client.destroyed).toBe(false);
  });

  it('loses what was under way when it is mended, and carries new connections', async () => {
    link.cut();
    client.write('lost');
    await sleep(50);
    link.mend();
    await once(client, 'close');
    const next = connect(link.port, '127.0.0.1');
    next.write('after');
    await sleep(100);
    expect(received).toBe('after');
    next.destroy();
  });
});
