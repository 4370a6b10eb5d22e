// What the tests of all workspaces came to, from the files that jest wrote (or turbo brought back).
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './paths.mjs';
import { resultFileOf } from './results-reporter.mjs';

const hasTests = (file) =>
  existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).scripts?.test !== undefined;

/** Where each workspace's result is, or would be. */
export function resultFiles() {
  const below = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name));
  return [...below('packages'), ...below('apps'), 'e2e', 'bench', 'chaos', 'deploy']
    .filter((workspace) => hasTests(join(root, workspace, 'package.json')))
    .map((workspace) => ({ workspace, file: resultFileOf(join(root, workspace)) }));
}

const readSuites = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).suites : []);

/** The test files that failed, by workspace. */
export function failedFiles() {
  return resultFiles()
    .map(({ workspace, file }) => ({
      workspace,
      files: readSuites(file)
        .filter((suite) => suite.failed.length > 0)
        .map((suite) => suite.file),
    }))
    .filter(({ files }) => files.length > 0);
}

/**
 * Runs `tryAgain` for one workspace, whose jest writes the results of some files anew, and puts these in the place of
 * the earlier ones, with what had failed before.
 */
export async function replaceResults(workspace, tryAgain) {
  const file = resultFileOf(join(root, workspace));
  const before = readSuites(file);
  await tryAgain();
  const again = new Map(readSuites(file).map((suite) => [suite.file, suite]));
  const suites = before.map((suite) =>
    again.has(suite.file) && suite.failed.length > 0
      ? { ...again.get(suite.file), firstTry: suite.failed }
      : suite,
  );
  writeFileSync(file, `${JSON.stringify({ suites }, null, 2)}\n`);
}

function readResult({ workspace, file }) {
  const suites = readSuites(file);
  const told = (suite, failed) =>
    failed.map(({ name, why }) => ({ name: `${relative(root, suite.file)}: ${name}`, why }));
  const failures = suites.flatMap((suite) => told(suite, suite.failed));
  const firstTry = suites.flatMap((suite) => told(suite, suite.firstTry ?? []));
  const count = (what) => suites.reduce((sum, suite) => sum + suite[what], 0);
  return { workspace, passed: count('passed'), skipped: count('skipped'), firstTry, failures };
}

/**
 * Adds up all workspaces. A run that was not well without a failed test (a build broke, jest crashed) counts as one
 * failure, and so does a run without tests. `isExpected` tells of which workspaces there has to be a result.
 */
export function summarise(isWell, isExpected) {
  const workspaces = resultFiles().map(readResult);
  const passed = workspaces.reduce((sum, result) => sum + result.passed, 0);
  const failures = workspaces.flatMap((result) => result.failures);
  const isMissing = resultFiles().some(({ workspace, file }) => isExpected(workspace) && !existsSync(file));
  const wasTriedAgain = workspaces.some((result) => result.firstTry.length > 0);
  if (failures.length === 0 && (isMissing || (!isWell && !wasTriedAgain)))
    failures.push({ name: 'a build or a test run broke before it had a result: see above', why: [] });
  if (failures.length === 0 && passed === 0) failures.push({ name: 'there were no tests', why: [] });
  return { workspaces, passed, failures };
}

function sayFailures(title, failures) {
  for (const { name, why } of failures) console.log([`  ${title}: ${name}`, ...why].join('\n      '));
}

export function sayResults({ workspaces, passed, failures }) {
  console.log('');
  for (const result of workspaces.filter((one) => one.passed + one.failures.length > 0)) {
    const { workspace } = result;
    console.log(
      `  ${workspace.padEnd(24)} ${String(result.passed).padStart(5)} passed, ${result.failures.length} failed`,
    );
  }
  const skipped = workspaces.reduce((sum, result) => sum + result.skipped, 0);
  if (skipped > 0) console.log(`  ${skipped} skipped: see above for what they lack`);
  sayFailures(
    'failed at the first try',
    workspaces.flatMap((result) => result.firstTry),
  );
  sayFailures('failed', failures);
  console.log(`\n${passed} passed, ${failures.length} failed`);
}
