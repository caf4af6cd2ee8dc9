import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { environmentNames, loadEnvironment } from '../../environments';
import { loadRoles } from '../../environments/roles';
import { TandemError } from '../../lib/errors';
import type { AwsDeployment, Deployment, KubernetesDeployment } from '../../stacks/deployment';
import { synthesize, type SynthesizedStack } from '../../stacks/synthesize';

const stackFile = z.object({
  terraform: z.object({
    backend: z.record(z.string(), z.record(z.string(), z.unknown())),
    required_providers: z.record(z.string(), z.object({ version: z.string() })),
  }),
  resource: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ tags: z.record(z.string(), z.string()).optional() })),
  ),
});

/** Every environment as it is described now. */
export const everyDeployment: readonly Deployment[] = environmentNames
  .map(loadEnvironment)
  .map((environment) => ({ environment, roles: loadRoles(environment), mode: 'offline' }));

/** Those on AWS. */
export const awsDeployments: readonly AwsDeployment[] = everyDeployment.flatMap(({ environment, ...more }) =>
  environment.target === 'aws' ? [{ ...more, environment }] : [],
);

/** Those on Kubernetes, and each once more with a cache that is replicated between its regions. */
export const kubernetesDeployments: readonly KubernetesDeployment[] = everyDeployment.flatMap(
  ({ environment, ...more }) => {
    if (environment.target !== 'kubernetes') return [];
    const replicated = { ...environment, cache: { replicated: true } };
    return [environment, replicated].map((each) => ({ ...more, environment: each }));
  },
);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A new folder, gone with the test file that asked for it. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tandem-synth-'));
  folders.push(folder);
  return folder;
}

/**
 * Declares and writes stacks without stack traces: cdktf takes one with each token, and to find its lines in the sources, as
 * jest does, takes longer than all the rest.
 */
export function untraced<T>(declare: () => T): T {
  const mapped: unknown = Reflect.get(Error, 'prepareStackTrace');
  Error.prepareStackTrace = () => '';
  try {
    return declare();
  } finally {
    Reflect.set(Error, 'prepareStackTrace', mapped);
  }
}

const known = new Map<string, readonly SynthesizedStack[]>();

/** Every stack of the deployments. What is alike in environment, roles and mode is synthesized once a test file. */
export function synthesized(deployments: readonly Deployment[]): readonly SynthesizedStack[] {
  const key = JSON.stringify(deployments);
  const stacks = known.get(key) ?? untraced(() => synthesize(deployments, newFolder()));
  known.set(key, stacks);
  return stacks;
}

/** One stack of an environment; a layer's only one when it is global. */
export function stackOf(deployment: Deployment, layer: string, region?: string): SynthesizedStack {
  const stack = synthesized([deployment]).find((each) => each.layer === layer && each.region === region);
  if (stack) return stack;
  throw new TandemError('SynthesisUnexpected', {
    found: `no ${layer} stack of ${deployment.environment.name} in ${region ?? 'no region'}`,
    expected: 'one',
    next: 'compare stacks/catalog.ts',
  });
}

export const trafficOf = (deployment: Deployment): SynthesizedStack => stackOf(deployment, 'traffic');

export const bytesOf = (stack: SynthesizedStack): string => readFileSync(stack.path, 'utf8');

/** What any stack has, by Terraform's own words. */
export const configurationOf = (stack: SynthesizedStack): z.infer<typeof stackFile> =>
  stackFile.parse(JSON.parse(bytesOf(stack)));
