const { readFileSync } = require('node:fs');

/** A file as the text that it is, as esbuild takes it in (scripts/text-files.json); jest's own reading drops the first line of a script. */
module.exports = {
  process: (_, file) => ({ code: `module.exports = ${JSON.stringify(readFileSync(file, 'utf8'))};` }),
};
