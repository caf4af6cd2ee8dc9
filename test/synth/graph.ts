import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { environmentNames, loadEnvironment } from '../../environments';
import { loadRoles } from '../../environments/roles';
import type { Deployment } from '../../stacks/catalog';
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
  .map((environment) => ({ environment, roles: loadRoles(environment) }));

const folder = mkdtempSync(path.join(tmpdir(), 'tandem-synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A new folder, gone with the test file that asked for it. */
export const newFolder = (): string => mkdtempSync(`${folder}${path.sep}`);

export const synthesized = (deployments: readonly Deployment[]): readonly SynthesizedStack[] =>
  synthesize(deployments, newFolder());

export const bytesOf = (stack: SynthesizedStack): string => readFileSync(stack.path, 'utf8');

/** What any stack has, by Terraform's own words. */
export const configurationOf = (stack: SynthesizedStack): z.infer<typeof stackFile> =>
  stackFile.parse(JSON.parse(bytesOf(stack)));
