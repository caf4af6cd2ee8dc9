import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const managers = z
  .object({
    customManagers: z.array(
      z.object({
        managerFilePatterns: z.array(z.string()),
        matchStrings: z.array(z.string()),
        datasourceTemplate: z.string(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync('renovate.json', 'utf8'))).customManagers;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
});

it.each(managers)(
  'Renovate finds what it keeps up to date of $datasourceTemplate by $matchStrings',
  (manager) => {
    // Patterns are between slashes, as Renovate wants regular expressions marked.
    const patterns = manager.managerFilePatterns.map((pattern) => new RegExp(pattern.slice(1, -1)));
    const texts = files
      .split('\n')
      .filter((file) => patterns.some((pattern) => pattern.test(file)))
      .map((file) => readFileSync(file, 'utf8'));
    for (const match of manager.matchStrings) {
      const versions = texts.flatMap((text) =>
        [...text.matchAll(new RegExp(match, 'g'))].map(({ groups }) => groups?.currentValue ?? ''),
      );
      expect(versions.length).toBeGreaterThan(0);
      // Nothing of what stands around a version is taken for a part of it.
      expect(versions.filter((version) => !/^(?=.*(?:\d|nonroot))[\w.<>=, -]+$/.test(version))).toEqual([]);
    }
  },
);

it.each([
  ['feat: measure it', 0],
  ['fix(plan)!: name the region', 0],
  ['Measure it', 1],
  ['feat:measure it', 1],
  ['$(touch owned): `id`', 1],
])('takes the title %s of a pull request, or refuses it: %s', (title, expected) => {
  const { status } = spawnSync(process.execPath, ['scripts/title.mjs'], {
    env: { ...process.env, TITLE: title },
  });
  expect(status).toBe(expected);
});
