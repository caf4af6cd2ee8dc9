// Fills a folder with the providers that the stacks require, for TF_PLUGIN_MIRROR:
//   npm run mirror -- <folder> [constraint on the AWS provider]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [folder, aws = constraint('awsProvider')] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run mirror -- <folder> [constraint on the AWS provider]');
  process.exit(64);
}

/** What lib/versions.ts requires. */
function constraint(name) {
  return new RegExp(`^  ${name}: '(.+)',$`, 'm').exec(readFileSync('lib/versions.ts', 'utf8'))[1];
}

const scratch = mkdtempSync(join(tmpdir(), 'tandem-mirror-'));
try {
  const provider = (name, version) => ({ [name]: { source: `hashicorp/${name}`, version } });
  const required_providers = {
    ...provider('aws', aws),
    ...provider('kubernetes', constraint('kubernetesProvider')),
  };
  writeFileSync(join(scratch, 'main.tf.json'), JSON.stringify({ terraform: { required_providers } }));
  mkdirSync(folder, { recursive: true });
  execFileSync('terraform', ['providers', 'mirror', resolve(folder)], { cwd: scratch, stdio: 'inherit' });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`Next: export TF_PLUGIN_MIRROR=${resolve(folder)}`);
