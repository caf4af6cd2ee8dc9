import { once } from 'node:events';
import { createServer } from 'node:net';
import { pickAddresses } from '../../twin/addresses';

describe('addresses of the twin', () => {
  it('are picked again when a port is taken, on every address or on one', async () => {
    const everywhere = createServer().listen(27_010, '0.0.0.0');
    const one = createServer().listen(27_021, '127.9.9.25');
    await Promise.all([once(everywhere, 'listening'), once(one, 'listening')]);
    const candidates = [27_010, 27_020, 27_030].map((port) => ({ subnet: '127.9.9', port }));
    const addresses = await pickAddresses(() => candidates.shift() ?? { subnet: '127.9.9', port: 0 });
    expect(addresses.workloadPort).toBe(27_030);
    everywhere.close();
    one.close();
  });

  it('are given up with PortUnavailable when every candidate is taken', async () => {
    const taken = createServer().listen(27_040, '0.0.0.0');
    await once(taken, 'listening');
    await expect(pickAddresses(() => ({ subnet: '127.9.9', port: 27_040 }))).rejects.toMatchObject({
      code: 'PortUnavailable',
    });
    taken.close();
  });
});
