import { execSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { bytesOf, everyDeployment, newFolder, synthesized } from './graph';

const settings = z.object({ language: z.literal('typescript'), app: z.string() });
/** What cdktf-cli reads of an app's output, with paths below it. */
const manifest = z.object({
  stacks: z.record(z.string(), z.object({ name: z.string(), synthesizedStackPath: z.string() })),
});

/** Made here, or of no use to who builds the app. */
const left = ['.git', '.tandem', 'cdktf.out', 'dist', 'evidence', 'node_modules', 'test'];

// cdktf-cli is no dependency (ADR 0003): this does of it what would break first, which is to run `app` and read the manifest.
it('has in cdktf.json a command that builds and writes every stack where cdktf-cli looks for it', () => {
  // A copy, for the command builds `dist`, which other tests use.
  const tree = path.join(newFolder(), 'tree');
  cpSync('.', tree, { recursive: true, filter: (file) => !left.includes(file) });
  symlinkSync(path.resolve('node_modules'), path.join(tree, 'node_modules'));
  const { app } = settings.parse(JSON.parse(readFileSync(path.join(tree, 'cdktf.json'), 'utf8')));

  // As cdktf-cli does: through a shell, the output folder in the environment.
  const env = { ...process.env, CDKTF_OUTDIR: 'cdktf.out', TANDEM_OFFLINE: '1' };
  execSync(app, { cwd: tree, env, stdio: 'pipe' });

  const outdir = path.join(tree, 'cdktf.out');
  const { stacks } = manifest.parse(JSON.parse(readFileSync(path.join(outdir, 'manifest.json'), 'utf8')));
  const read = (stack: { synthesizedStackPath: string }) =>
    readFileSync(path.join(outdir, stack.synthesizedStackPath), 'utf8');
  expect(Object.fromEntries(Object.values(stacks).map((stack) => [stack.name, read(stack)]))).toEqual(
    Object.fromEntries(synthesized(everyDeployment).map((stack) => [stack.name, bytesOf(stack)])),
  );
});
