import { readdirSync } from 'node:fs';
import path from 'node:path';
import { processesOf } from '../support/orphans';
import { Tandem } from '../support/tandem';
import { missing } from './missing';

jest.setTimeout(120_000);

const lack = missing();
(lack ? it.skip : it).each(['SIGINT', 'SIGTERM'] as const)(
  `%s ends a plan: no Terraform, no provider and no temporary folder stays${lack ? ` (${lack})` : ''}`,
  async (signal) => {
    const tandem = new Tandem(['plan', 'dev', '--offline']);
    try {
      // A provider that runs has no other way to be seen.
      while (!processesOf(tandem.scratch).some((line) => line.includes('terraform-provider-aws'))) {
        expect(tandem.child.exitCode).toBeNull();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      tandem.child.kill(signal);
      const { code, output } = await tandem.ended;
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(output).toContain(`ended by ${signal}`);
      expect(processesOf(tandem.scratch)).toEqual([]);
      expect(readdirSync(tandem.scratch)).toEqual(['.tandem']);
      const plans = readdirSync(path.join(tandem.scratch, '.tandem', 'plans', 'dev'));
      expect(plans).toContain('plans.json');
      // The last one: what was not planned yet is not planned after all.
      expect(plans).not.toContain('tandem-dev-traffic.tfplan');
    } finally {
      tandem.remove();
    }
  },
);
