// Runs the named benchmarks of bench/, or all of them: npm run bench -- synth. A benchmark misses its objective by exiting non-zero.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

await build({
  entryPoints: ['bench/**/*.ts'],
  outdir: 'dist/bench',
  outbase: 'bench',
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.20',
  format: 'cjs',
  loader: JSON.parse(readFileSync('scripts/text-files.json', 'utf8')),
  logLevel: 'warning',
});

const all = readdirSync('bench')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const named = process.argv.slice(2);
const unknown = named.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}; there are ${all.join(', ')}.`);
  process.exit(1);
}
for (const name of named.length > 0 ? named : all) {
  const { status } = spawnSync(process.execPath, [`dist/bench/${name}.js`], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
