import { TandemError } from '../lib/errors';
import { dev } from './dev';
import { local } from './local';
import { linesOf, mistakesIn, nearest } from './mistakes';
import type { Mistake } from './mistakes';
import { production } from './production';
import type { AwsEnvironment, Environment, EnvironmentInput, KubernetesEnvironment } from './schema';
import { staging } from './staging';
import { environmentSchema, schemaFor } from './validation';

export type { AwsEnvironment, Environment, EnvironmentInput, KubernetesEnvironment, Mistake };

const files: readonly EnvironmentInput[] = [dev, local, production, staging];

export const environmentNames: readonly string[] = files.map(({ name }) => name);

/** @throws TandemError EnvironmentUnknown, EnvironmentInvalid */
export function loadEnvironment(name: string): Environment {
  const file = files.find((candidate) => candidate.name === name);
  if (file !== undefined) return validated(file, `environments/${name}.ts`, overlapsOf(file));
  const meant = nearest(name, environmentNames);
  throw new TandemError('EnvironmentUnknown', {
    found: `no environment named ${JSON.stringify(name)}`,
    expected: `one of ${environmentNames.join(', ')}`,
    next:
      meant === undefined ? 'Name one of those, or add a file to environments/.' : `Did you mean ${meant}?`,
  });
}

/** A region's name, once the environment has it. @throws TandemError RegionUnknown */
export function regionOf({ name, regions }: Environment, region: string): string {
  if (regions.some((each) => each === region)) return region;
  throw new TandemError('RegionUnknown', {
    found: `no region ${region} in ${name}`,
    expected: `one of ${regions.join(', ')}`,
    next: 'name one of those',
  });
}

/**
 * Validates what the file `source` describes and fills in its defaults. All its mistakes are reported at once.
 * @throws TandemError EnvironmentInvalid
 */
export function parseEnvironment(input: unknown, source: string): Environment {
  return validated(input, source, []);
}

/** Everything that is wrong in an environment's description; empty when it is valid. */
export function mistakesOf(input: unknown): Mistake[] {
  return mistakesIn(schemaFor(input), input);
}

function validated(input: unknown, source: string, besides: readonly Mistake[]): Environment {
  const parsed = environmentSchema.safeParse(input);
  if (parsed.success && besides.length === 0) return parsed.data;
  throw new TandemError('EnvironmentInvalid', {
    found: `mistakes in ${source}:${linesOf([...mistakesOf(input), ...besides])}`,
    expected: 'what each line allows',
    next: `Correct ${source}.`,
  });
}

/** Networks that overlap can never be connected, and renumbering one means building it again. */
function overlapsOf(file: EnvironmentInput): Mistake[] {
  if (file.target !== 'aws') return [];
  const { cidr } = file.network;
  return files.flatMap((other): Mistake[] =>
    // Networks of one size, which the schema demands, overlap only when they are the same.
    other !== file && other.target === 'aws' && other.network.cidr === cidr
      ? [{ path: 'network.cidr', found: JSON.stringify(cidr), allowed: `another than ${other.name} has` }]
      : [],
  );
}
