const { appendFileSync } = require('node:fs');

// Prints the counts that CI reads, as the last line of a run, and names every skipped test with its reason. In a workflow the
// same goes into the job summary, a row a lane.
class CountReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) =>
      file.testResults.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName),
    );
    for (const name of skipped) process.stdout.write(`SKIPPED ${name}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stdout.write(
      `${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests} skipped\n`,
    );
    const summary = process.env.GITHUB_STEP_SUMMARY;
    if (summary) appendFileSync(summary, summaryOf(results));
  }
}

function summaryOf({ testResults }) {
  const lanes = [...new Set(testResults.map(({ displayName }) => displayName?.name ?? 'all'))].toSorted();
  const rows = lanes.map((lane) => {
    const tests = testResults
      .filter(({ displayName }) => (displayName?.name ?? 'all') === lane)
      .flatMap((file) => file.testResults);
    const count = (status) => tests.filter((test) => test.status === status).length;
    return `| ${lane} | ${count('passed')} | ${count('failed')} | ${count('pending')} |\n`;
  });
  return `| lane | passed | failed | skipped |\n| --- | --: | --: | --: |\n${rows.join('')}\n`;
}

module.exports = CountReporter;
