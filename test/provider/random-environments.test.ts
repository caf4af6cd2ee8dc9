import path from 'node:path';
import fc from 'fast-check';
import { parseEnvironment } from '../../environments';
import { terraform } from '../../cli/terraform/terraform';
import { awsInput } from '../support/arbitrary-environment';
import { synthesized } from '../synth/graph';
import { bothWays } from '../synth/resources';
import { missing } from './missing';

jest.setTimeout(900_000);

const lack = missing();
// A stack takes seconds of a processor, so few are drawn; the same invariants hold for many in the synth lane.
(lack ? it.skip : it)(
  `the real AWS provider finds every stack of a drawn environment valid, in both roles${lack ? ` (${lack})` : ''}`,
  async () => {
    await fc.assert(
      fc.asyncProperty(awsInput, async (input) => {
        const [first, second] = bothWays({
          environment: parseEnvironment(input, 'generated'),
          roles: {},
          mode: 'offline',
        });
        if (!first || !second) throw new TypeError('nothing to synthesize');
        const stacks = [
          ...synthesized([first]),
          // In the other role only the data differs.
          ...synthesized([second]).filter(({ layer }) => layer === 'data'),
        ];
        expect(stacks.length).toBeGreaterThan(14);
        for (const { path: file } of stacks) {
          const folder = path.dirname(file);
          await terraform(folder, ['init', '-input=false']);
          await terraform(folder, ['validate', '-json']);
        }
      }),
      { numRuns: 1 },
    );
  },
);
