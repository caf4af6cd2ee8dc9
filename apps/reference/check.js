// Runs programs without configuration, which they refuse with 78 (EX_CONFIG) when everything that they require was loaded.
const { spawnSync } = require('node:child_process');

for (const program of process.argv.slice(2)) {
  const { status, stderr } = spawnSync(process.execPath, [program], { env: {}, encoding: 'utf8' });
  if (status === 78) continue;
  console.error(`${program} exited with ${status}, expected 78:\n${stderr}`);
  process.exitCode = 1;
}
