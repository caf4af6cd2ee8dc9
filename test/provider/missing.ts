import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const { TF_PLUGIN_MIRROR: mirror, TF_CLI_CONFIG_FILE: cliConfig } = process.env;

/** What this lane lacks, and how to get it; undefined when it can run. */
export function missing(): string | undefined {
  if (spawnSync('terraform', ['version']).error) return 'no terraform on PATH: install 1.11 or later';
  if (mirror ? existsSync(mirror) : cliConfig && existsSync(cliConfig)) return undefined;
  return 'no AWS provider: set TF_PLUGIN_MIRROR to a mirror folder, or TF_CLI_CONFIG_FILE to a file that names one';
}
