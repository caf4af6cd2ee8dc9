// A lane is a folder of test/, named by what it needs (CONTRIBUTING.md has the ladder).
const lane = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  transform: {
    // What the build takes in as text.
    '\\.(conf|sh|sql)$': '<rootDir>/test/text-transform.js',
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
  },
});

module.exports = {
  projects: [lane('unit'), lane('synth'), lane('provider'), lane('emulator'), lane('twin'), lane('cluster')],
  // No processor is left out: most of the time is spent waiting, for servers, clocks and the provider's own pauses.
  maxWorkers: '100%',
  // Concurrent tests wait for servers and clocks, not for the processor.
  maxConcurrency: 20,
  // In milliseconds: for a command or a server to come up on a machine that does other things too.
  testTimeout: 60_000,
  // A test that fails half-way may leave a server open; the run ends all the same, and says which failed.
  forceExit: true,
  reporters: ['default', '<rootDir>/test/count-reporter.js'],
};
