import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceSchema } from '../../failover/evidence/record';
import { writeEvidence } from '../../failover/evidence/write';
import { drillFixture, missedFixture } from '../support/evidence';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-evidence-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const record = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

/** A device that is always full: the system's own ENOSPC, on Linux. */
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('writeEvidence', () => {
  it('leaves the record and its readings in a folder that it makes', async () => {
    const deep = join(folder, 'runs', 'one');
    const paths = await writeEvidence(deep, drillFixture);
    expect((await readdir(deep)).sort()).toEqual(['evidence.html', 'evidence.json', 'evidence.md']);
    expect(evidenceSchema.parse(await record(paths.json))).toEqual(drillFixture);
    expect(await readFile(paths.markdown, 'utf8')).toMatch(/^## ✅ Came back/);
    expect(await readFile(paths.html, 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('replaces what an earlier run left', async () => {
    await writeEvidence(folder, drillFixture);
    const { json } = await writeEvidence(folder, missedFixture);
    expect(await record(json)).toMatchObject({ outcome: 'missed' });
  });

  it('writes nothing of a record that is not in shape', async () => {
    const broken = { ...drillFixture, durationSeconds: -1 };
    await expect(writeEvidence(folder, broken)).rejects.toThrow(/^EvidenceInvalid: .*durationSeconds/s);
    expect(await readdir(folder)).toEqual([]);
  });

  onLinux('keeps the old file when the disk is full, and leaves no half of the new one', async () => {
    const { json } = await writeEvidence(folder, drillFixture);
    await symlink('/dev/full', `${json}.partial`);
    await expect(writeEvidence(folder, missedFixture)).rejects.toMatchObject({ code: 'DiskFull' });
    expect(await record(json)).toMatchObject({ outcome: 'met' });
    expect((await readdir(folder)).sort()).toEqual(['evidence.html', 'evidence.json', 'evidence.md']);
  });

  it('says which folder can not be written', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(writeEvidence(join(file, 'runs'), drillFixture)).rejects.toThrow(
      `EvidenceNotWritable: the evidence can not be written to ${join(file, 'runs')}`,
    );
  });
});
