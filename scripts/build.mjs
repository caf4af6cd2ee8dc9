// Bundles our own sources and leaves the packages where npm put them: under half a second, and no stale output.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';

await build({
  entryPoints: {
    tandem: 'cli/tandem.ts',
    main: 'main.ts',
    workload: 'apps/reference/server.ts',
    migrate: 'apps/reference/migrate.ts',
    watch: 'cli/kubernetes/watch.ts',
  },
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.20',
  format: 'cjs',
  sourcemap: true,
  loader: JSON.parse(readFileSync('scripts/text-files.json', 'utf8')),
  logLevel: 'warning',
});
