import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import textFiles from '../../scripts/text-files.json';
import { everyDeployment, newFolder, synthesized } from './graph';

const metadata = z.looseObject({ '//': z.looseObject({ metadata: z.looseObject({ version: z.string() }) }) });

/** A stack's configuration, and apart from it the version of the tool that wrote it. */
function read(file: string) {
  const { '//': about, ...configuration } = metadata.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { version, ...rest } = about.metadata;
  return { version, configuration: { ...configuration, '//': { ...about, metadata: rest } } };
}

// CDKTF is archived: this shows that its community successor takes over by an alias alone.
it('synthesizes the same stacks with cdktn in the place of cdktf', async () => {
  const folder = newFolder();
  const program = path.join(folder, 'dist', 'main.js');
  await build({
    entryPoints: ['main.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    alias: { cdktf: 'cdktn' },
    loader: z.record(z.string(), z.literal('text')).parse(textFiles),
    logLevel: 'error',
  });
  for (const file of ['roles.json', 'recorded.json']) {
    cpSync(path.join('environments', file), path.join(folder, 'environments', file));
  }
  const outdir = path.join(folder, 'cdktf.out');
  execFileSync(process.execPath, [program], { env: { ...process.env, CDKTF_OUTDIR: outdir } });

  const stacks = synthesized(everyDeployment.map((deployment) => ({ ...deployment, mode: 'live' })));
  expect(stacks.length).toBeGreaterThanOrEqual(everyDeployment.length);
  for (const stack of stacks) {
    const ours = read(stack.path);
    const theirs = read(path.join(outdir, 'stacks', stack.name, 'cdk.tf.json'));
    expect(ours.version).toBe('0.21.0');
    expect(theirs.version).toBe('0.24.0');
    expect(theirs.configuration).toEqual(ours.configuration);
  }
});
