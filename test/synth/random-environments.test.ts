import fc from 'fast-check';
import { parseEnvironment } from '../../environments';
import type { EnvironmentInput } from '../../environments';
import type { Deployment, Mode } from '../../stacks/deployment';
import { awsInput } from '../support/arbitrary-environment';
import { invariants } from './invariants';
import { bothWays, graphOf } from './resources';

/** For syntheses beside other lanes: one takes about half a second. */
const timeoutMs = 300_000;

const deploymentsOf = (input: EnvironmentInput, mode: Mode): readonly Deployment[] =>
  bothWays({ environment: parseEnvironment(input, 'generated'), roles: {}, mode });

it(
  'synthesizes any valid environment in both assignments of roles, and every invariant holds',
  () => {
    fc.assert(
      fc.property(awsInput, fc.constantFrom('live' as const, 'offline' as const), (input, mode) => {
        for (const graph of deploymentsOf(input, mode).map(graphOf)) {
          expect(graph.resources.length).toBeGreaterThan(100);
          const broken = Object.entries(invariants).flatMap(([sentence, violations]) =>
            violations(graph).map((violation) => `${sentence}: ${violation}`),
          );
          expect(broken).toEqual([]);
        }
      }),
      { numRuns: 12 },
    );
  },
  timeoutMs,
);

it(
  'gives nothing of two environments in one account the same name, however alike theirs are',
  () => {
    fc.assert(
      fc.property(awsInput, (input) => {
        const [one, other] = [input, { ...input, name: `${input.name}-2` }]
          .flatMap((each) => deploymentsOf(each, 'offline').slice(0, 1))
          .map(graphOf);
        if (!one || !other) throw new TypeError('nothing was synthesized');
        const both = { ...one, resources: [...one.resources, ...other.resources] };
        expect(invariants['names no two things of a kind alike'](both)).toEqual([]);
      }),
      { numRuns: 4 },
    );
  },
  timeoutMs,
);
