// The title of a pull request, in TITLE, as release-please reads it: "Conventional Commits 1.0.0".
const { TITLE: title = '' } = process.env;
const types = ['feat', 'fix', 'docs', 'test', 'perf', 'refactor', 'build', 'ci', 'chore', 'revert'];

if (!new RegExp(`^(?:${types.join('|')})(?:\\([\\w./-]+\\))?!?: \\S.*$`).test(title)) {
  console.error(
    `The title is ${JSON.stringify(title)}; expected <type>: <what it does>, with a type of ${types.join(', ')}`,
  );
  process.exitCode = 1;
}
