import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Clusters } from '../../environments/clusters';
import { command } from '../../lib/command';
import { reasonOf, TandemError } from '../../lib/errors';

type Images = Clusters['images'];

/** What the stacks call the workload's image; what stands for it is built here. */
export const workloadReference = 'tandem-workload:dev';

/** The checkout: this is bundled in its dist/. */
const root = join(__dirname, '..');

/** What carries images that were built here; their tags say what is in them. */
const repository = 'tandem-workload';

/**
 * Reads what `--images` names: JSON that says which image stands for which, and null for what is left out.
 * @throws TandemError ImagesInvalid
 */
export function readImages(file: string): Images {
  try {
    return z.record(z.string(), z.string().nullable()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (thrown) {
    throw new TandemError('ImagesInvalid', {
      found: `${file} can not be read: ${reasonOf(thrown)}`,
      expected: 'JSON that maps image references to others, or to null to leave out what they are for',
      next: `correct ${file}; tandem images local lists the references`,
      cause: thrown,
    });
  }
}

/**
 * Builds the workload's image, unless docker has it already: its tag is a hash of what goes in, so that the same code is the
 * same image and other code is another. An image that the mapping names is somebody else's to build.
 * @throws TandemError CommandMissing, CommandFailed, ImagesInvalid
 */
export async function buildWorkload(images: Images, signal: AbortSignal): Promise<string> {
  const mapped = images[workloadReference];
  if (mapped === null) {
    throw new TandemError('ImagesInvalid', {
      found: `${workloadReference} mapped to null`,
      expected: 'an image of the workload, without which there is no region',
      next: 'map it to an image, or leave it out of --images to have it built',
    });
  }
  if (mapped !== undefined) return mapped;
  const folder = mkdtempSync(join(tmpdir(), 'tandem-image-'));
  try {
    await promisify(execFile)(process.execPath, ['scripts/image.mjs', folder], { cwd: root, signal });
    const base = baseReference();
    const from = images[base] ?? base;
    const tag = `${repository}:${hashOf(folder, from)}`;
    if ((await command('docker', ['image', 'ls', '-q', tag], { signal })).trim() !== '') return tag;
    await command('docker', ['build', '--build-arg', `BASE=${from}`, '-t', tag, folder], { signal });
    return tag;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the workload's image is built on, as `--images` may map it. */
export function baseReference(): string {
  const dockerfile = readFileSync(join(root, 'apps/reference/Dockerfile'), 'utf8');
  return /^ARG BASE=(\S+)$/m.exec(dockerfile)?.[1] ?? '';
}

function hashOf(folder: string, base: string): string {
  const hash = createHash('sha256').update(base);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const file = join(folder, path);
    if (statSync(file).isFile()) hash.update(path).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Of these images, those that docker has on this machine. */
export async function heldHere(images: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const ids = await Promise.all(
    images.map((image) => command('docker', ['image', 'ls', '-q', image], { signal })),
  );
  return images.filter((_, at) => ids[at]?.trim() !== '');
}

/** Whether an image was built here, so that no registry has it. */
export const isBuilt = (image: string): boolean => image.startsWith(`${repository}:`);

/** Removes every image of the workload that `buildWorkload` tagged. */
export async function removeBuilt(signal: AbortSignal): Promise<void> {
  const format = '{{.Repository}}:{{.Tag}}';
  const built = await command('docker', ['image', 'ls', repository, '--format', format], { signal });
  const images = built.split('\n').filter((image) => /:[0-9a-f]{12}$/.test(image));
  if (images.length > 0) await command('docker', ['image', 'rm', ...images], { signal });
}
