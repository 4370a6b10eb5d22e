// A jest reporter: leaves the results of a workspace where `npm test` (and turbo's cache) finds them. Not jest's own
// --outputFile, because arguments would be part of every cache key, of the builds too.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const place = join('coverage', 'test-results.json');
const openHandlesMs = 20_000;

export const resultFileOf = (workspace) => join(workspace, place);

function describeSuite({ testFilePath, testResults, testExecError, failureMessage }) {
  const failed = testResults.filter((result) => result.status === 'failed').map((result) => result.fullName);
  const passedLate = ({ status, invocations }) => status === 'passed' && (invocations ?? 1) > 1;
  return {
    file: testFilePath,
    passed: testResults.filter((result) => result.status === 'passed').length,
    skipped: testResults.filter((result) => result.status === 'pending').length,
    failed,
    secondTry: testResults.filter(passedLate).map((result) => result.fullName),
    // A file that could not be run has no tests to its name.
    couldNotRun: failed.length === 0 && (testExecError != null || failureMessage != null),
  };
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
