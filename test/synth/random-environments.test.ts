import fc from 'fast-check';
import { parseEnvironment } from '../../environments';
import type { EnvironmentInput } from '../../environments';
import { awsInput } from '../support/arbitrary-environment';
import { invariants } from './invariants';
import { bothWays, graphOf, type Graph } from './resources';

/** For syntheses beside other lanes: one takes about half a second. */
const timeoutMs = 300_000;

const graphsOf = (input: EnvironmentInput, mode: 'live' | 'offline'): readonly Graph[] =>
  bothWays({ environment: parseEnvironment(input, 'generated'), roles: {}, mode }).map(graphOf);

it(
  'synthesizes any valid environment in both assignments of roles, and every invariant holds',
  () => {
    fc.assert(
      fc.property(awsInput, fc.constantFrom('live', 'offline'), (input, mode) => {
        for (const graph of graphsOf(input, mode)) {
          expect(graph.resources.length).toBeGreaterThan(100);
          const broken = Object.entries(invariants).flatMap(([sentence, violations]) =>
            violations(graph).map((violation) => `${sentence}: ${violation}`),
          );
          expect(broken).toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  },
  timeoutMs,
);

it(
  'gives nothing of two environments in one account the same name, however alike theirs are',
  () => {
    fc.assert(
      fc.property(awsInput, (input) => {
        const [one] = graphsOf(input, 'offline');
        const [other] = graphsOf({ ...input, name: `${input.name}-2` }, 'offline');
        if (!one || !other) throw new TypeError('nothing was synthesized');
        const both = { ...one, resources: [...one.resources, ...other.resources] };
        expect(invariants['names no two things of a kind alike'](both)).toEqual([]);
      }),
      { numRuns: 10 },
    );
  },
  timeoutMs,
);
