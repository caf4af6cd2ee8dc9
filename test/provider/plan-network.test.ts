import { Tandem } from '../support/tandem';
import { missing } from './missing';

jest.setTimeout(180_000);

const lack = missing();
(lack ? it.skip : it)(
  `plans the network of both regions of production with the real AWS provider, without credentials${lack ? ` (${lack})` : ''}`,
  async () => {
    const tandem = new Tandem(['plan', 'production', '--offline', '--layer', 'network']);
    const { code, output } = await tandem.ended;
    expect(output).toMatch(/tandem-production-us-east-1-network +57 +0 +0/);
    expect(output).toMatch(/tandem-production-us-west-2-network +57 +0 +0/);
    expect(code).toBe(2);
    tandem.remove();
  },
);
