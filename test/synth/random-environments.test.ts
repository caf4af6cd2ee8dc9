import fc from 'fast-check';
import { parseEnvironment } from '../../environments';
import type { Deployment, Mode } from '../../stacks/deployment';
import { awsInput } from '../support/arbitrary-environment';
import { invariants } from './invariants';
import { bothWays, graphOf, type Graph } from './resources';

/** For syntheses beside other lanes: one takes about half a second. */
const timeoutMs = 300_000;

const brokenIn = (graph: Graph): readonly string[] =>
  Object.entries(invariants).flatMap(([sentence, violations]) =>
    violations(graph).map((violation) => `${sentence}: ${violation}`),
  );

it(
  'synthesizes any two valid environments of one account, however alike, each region active in one: every invariant holds',
  () => {
    const mode = fc.constantFrom<Mode[]>('live', 'offline');
    fc.assert(
      fc.property(awsInput, mode, mode, (input, ofOne, ofOther) => {
        const deployment = (name: string, of: Mode): Deployment => ({
          environment: parseEnvironment({ ...input, name }, 'generated'),
          roles: {},
          mode: of,
        });
        const [first] = bothWays(deployment(input.name, ofOne));
        const [, second] = bothWays(deployment(`${input.name}-2`, ofOther));
        if (!first || !second) throw new TypeError('nothing to synthesize');
        const [one, other] = [graphOf(first), graphOf(second)];
        for (const graph of [one, other]) {
          expect(graph.resources.length).toBeGreaterThan(100);
          expect(brokenIn(graph)).toEqual([]);
        }
        const both = { ...one, resources: [...one.resources, ...other.resources] };
        expect(invariants['names no two things of a kind alike'](both)).toEqual([]);
      }),
      { numRuns: 16 },
    );
  },
  timeoutMs,
);
