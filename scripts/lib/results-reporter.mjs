// A jest reporter: leaves the results of a workspace where `npm test` (and turbo's cache) finds them. Not jest's own
// --outputFile, because arguments would be part of every cache key, of the builds too.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const place = join('coverage', 'test-results.json');
const openHandlesMs = 20_000;

export const resultFileOf = (workspace) => join(workspace, place);

const linesTold = 12;
const lineWidth = 300;

/** The head of what jest says of a failure, without colours: enough to know it again where the log is cut. */
const headOf = (message) =>
  stripVTControlCharacters(message ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('node_modules'))
    .slice(0, linesTold)
    .map((line) => line.slice(0, lineWidth));

function describeSuite({ testFilePath, testResults, testExecError, failureMessage }) {
  const failed = testResults
    .filter((result) => result.status === 'failed')
    .map((result) => ({ name: result.fullName, why: headOf(result.failureMessages.join('\n')) }));
  // A file that could not be run has no tests to its name.
  if (failed.length === 0 && (testExecError != null || failureMessage != null))
    failed.push({ name: 'could not be run', why: headOf(failureMessage ?? testExecError.message) });
  const count = (status) => testResults.filter((result) => result.status === status).length;
  return { file: testFilePath, passed: count('passed'), skipped: count('pending'), failed };
}

/** Jest would wait for ever for what a test left open, and so would whoever waits for jest: that is a failed run. */
function failOpenHandles() {
  console.error(
    `The tests are over, but what one of them opened keeps jest from ending (${openHandlesMs / 1000} s).`,
  );
  console.error('Look for it with: jest --detectOpenHandles');
  process.exit(1);
}

class ResultsReporter {
  constructor({ rootDir }) {
    this.file = resultFileOf(rootDir);
  }

  onRunComplete(_, { testResults }) {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify({ suites: testResults.map(describeSuite) }, null, 2)}\n`);
    setTimeout(failOpenHandles, openHandlesMs).unref();
  }
}

export { ResultsReporter as default };
