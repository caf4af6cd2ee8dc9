import type { Command } from 'commander';
import { versions } from '../lib/versions';

export function versionCommand(program: Command): void {
  program
    .command('version')
    .summary('the versions that Tandem chooses')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => {
      if (flags.json) return console.log(JSON.stringify(versions, null, 2));
      for (const [name, version] of Object.entries(versions)) {
        const lines = typeof version === 'string' ? [[name, version]] : Object.entries(version);
        for (const [what = '', chosen = ''] of lines) console.log(`${what.padEnd(24)} ${chosen}`);
      }
    });
}
