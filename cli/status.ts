import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Environment, environmentNames, loadEnvironment } from '../environments';
import { loadRoles } from '../environments/roles';
import { type Evidence, evidenceSchema } from '../failover/evidence/record';

export function statusCommand(program: Command): void {
  program
    .command('status')
    .summary('roles of the regions and what the last drill showed')
    .description(
      'Shows which region is active by roles.json, and the outcome of the newest evidence of each environment.',
    )
    .argument('[environments...]', 'which environments', environmentNames)
    .option('--evidence <folder>', 'where the evidence of drills is', 'evidence')
    .option('--json', 'as JSON')
    .action((names: readonly string[], flags: { readonly evidence: string; readonly json?: true }) => {
      const drills = readDrills(flags.evidence);
      const statuses = names.map((name) => statusOf(loadEnvironment(name), drills));
      if (flags.json) return console.log(JSON.stringify(statuses, null, 2));
      for (const { environment, target, regions, lastDrill } of statuses) {
        console.log(`${environment} (${target})`);
        for (const { region, role, generation } of regions) {
          console.log(`  ${region.padEnd(16)} ${role.padEnd(12)} generation ${generation}`);
        }
        console.log(
          `  last drill       ${lastDrill ?? `none; tandem drill ${environment} --target embedded`}`,
        );
      }
    });
}

function statusOf(environment: Environment, drills: readonly Evidence[]) {
  const roles = loadRoles(environment);
  const last = drills
    .filter((drill) => drill.environment === environment.name)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
    .at(-1);
  return {
    environment: environment.name,
    target: environment.target,
    regions: environment.regions.map((region) => ({
      region,
      role: roles[region]?.role ?? 'unknown',
      generation: roles[region]?.generation ?? 0,
    })),
    lastDrill: last && `objectives ${last.outcome} on ${last.target}, ${last.startedAt} (${last.run})`,
  };
}

/** Every readable evidence below the folder; one that is not ours or half written is no drill. */
function readDrills(folder: string): readonly Evidence[] {
  let runs: readonly string[];
  try {
    runs = readdirSync(folder);
  } catch {
    return [];
  }
  return runs.flatMap((run) => {
    try {
      return [evidenceSchema.parse(JSON.parse(readFileSync(join(folder, run, 'evidence.json'), 'utf8')))];
    } catch {
      return [];
    }
  });
}
