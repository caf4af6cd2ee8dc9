// Packs what apps/reference/Dockerfile copies into dist/image, or the folder that is named: the built programs and the packages
// that they require, as the lock file names them. They stay packages, so that scanners and the SBOM see each with its version.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const image = process.argv[2] ?? 'dist/image';
const programs = ['workload.js', 'migrate.js', 'watch.js'];
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

/** The folder of a package as Node.js finds it from another one: the nearest of the folders around it. */
function folderOf(name, from) {
  for (let around = from; ; around = around.slice(0, Math.max(0, around.lastIndexOf('/node_modules/')))) {
    const folder = `${around}${around && '/'}node_modules/${name}`;
    if (packages[folder]) return folder;
    if (around === '') return undefined;
  }
}

const folders = new Set();
function take(name, from) {
  const folder = folderOf(name, from);
  // An optional peer that nobody installed is nowhere.
  if (folder === undefined || folders.has(folder)) return;
  folders.add(folder);
  const { dependencies = {}, optionalDependencies = {} } = packages[folder];
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) take(each, folder);
}

for (const program of programs) {
  const source = readFileSync(join('dist', program), 'utf8');
  for (const [, name] of source.matchAll(/\brequire\("((?:@[^/"]+\/)?[^/"@:]+)(?:\/[^"]*)?"\)/g))
    take(name, '');
}

// What Node.js never reads at run time is a third of it.
const left = /\.(?:d\.[cm]?ts|[cm]?ts|map)$|\/(?:test|tests|benchmarks?|examples?|docs)$/;

rmSync(image, { recursive: true, force: true });
mkdirSync(image, { recursive: true });
for (const program of programs) copyFileSync(join('dist', program), join(image, program));
for (const folder of folders) {
  const nested = (path) => path.slice(folder.length).includes('/node_modules');
  cpSync(folder, join(image, folder), {
    recursive: true,
    filter: (path) => !nested(path) && !left.test(path.slice(folder.length)),
  });
}
const { name, version, license } = JSON.parse(readFileSync('package.json', 'utf8'));
writeFileSync(join(image, 'package.json'), JSON.stringify({ name: `${name}-workload`, version, license }));
for (const file of ['apps/reference/Dockerfile', 'apps/reference/check.js'])
  copyFileSync(file, join(image, basename(file)));
console.log(`${folders.size} packages and ${programs.length} programs in ${image}`);
console.log(`Next: docker build -t tandem-workload:dev ${image}`);
