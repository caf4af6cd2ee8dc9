import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf, TandemError } from '../../lib/errors';
import { evidenceHtml } from './html';
import { evidenceMarkdown } from './markdown';
import { type Evidence, evidenceSchema } from './record';

const systemError = z.object({ code: z.string() });

function explained(thrown: unknown, folder: string): TandemError {
  const code = systemError.safeParse(thrown).data?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new TandemError('DiskFull', {
      found: `${code} while writing the evidence to ${folder}`,
      expected: 'room for three files of a megabyte at most',
      next: 'free some disk space, or give another folder',
      cause: thrown,
    });
  }
  return new TandemError('EvidenceNotWritable', {
    found: `the evidence can not be written to ${folder} (${reasonOf(thrown)})`,
    expected: 'a folder that this user may write to',
    next: 'mend its permissions, or give another folder',
    cause: thrown,
  });
}

/** A reader sees the old file or the whole new one, never half of it. */
async function replaceFile(path: string, content: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw thrown;
  }
}

/**
 * Writes the record and its readings as evidence.json, .md and .html into `folder`, which is made when missing.
 * @returns the three paths
 * @throws TandemError EvidenceInvalid, before anything is written; DiskFull; EvidenceNotWritable
 */
export async function writeEvidence(
  folder: string,
  evidence: Evidence,
): Promise<{ json: string; markdown: string; html: string }> {
  const parsed = evidenceSchema.safeParse(evidence);
  if (!parsed.success) {
    throw new TandemError('EvidenceInvalid', {
      found: z.prettifyError(parsed.error),
      expected: 'a record of schema tandem/evidence/v1',
      next: 'report this: the engine built a record that its readers do not know',
    });
  }
  const path = (extension: string): string => join(folder, `evidence.${extension}`);
  const paths = { json: path('json'), markdown: path('md'), html: path('html') };
  const contents = [
    [paths.json, `${JSON.stringify(parsed.data, null, 2)}\n`],
    [paths.markdown, evidenceMarkdown(parsed.data)],
    [paths.html, evidenceHtml(parsed.data)],
  ] as const;
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, content] of contents) await replaceFile(file, content);
  } catch (thrown) {
    throw explained(thrown, folder);
  }
  return paths;
}
