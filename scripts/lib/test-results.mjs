// What the tests of all workspaces came to, from the files that jest wrote (or turbo brought back).
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './paths.mjs';
import { resultFileOf } from './results-reporter.mjs';

/** Where each workspace's result is, or would be. */
export function resultFiles() {
  const below = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name));
  return [...below('packages'), ...below('apps'), 'e2e', 'bench', 'chaos', 'deploy']
    .filter((workspace) => existsSync(join(root, workspace, 'package.json')))
    .map((workspace) => ({ workspace, file: resultFileOf(join(root, workspace)) }));
}

function readResult({ workspace, file }) {
  const { suites } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { suites: [] };
  const failures = suites.flatMap((suite) => {
    const names = suite.couldNotRun ? ['could not be run'] : suite.failed;
    return names.map((name) => `${relative(root, suite.file)}: ${name}`);
  });
  const secondTry = suites.flatMap((suite) =>
    (suite.secondTry ?? []).map((name) => `${relative(root, suite.file)}: ${name}`),
  );
  const count = (what) => suites.reduce((sum, suite) => sum + suite[what], 0);
  return { workspace, passed: count('passed'), skipped: count('skipped'), secondTry, failures };
}

/**
 * Adds up all workspaces. A run that was not well without a failed test (a build broke, jest crashed) counts as one
 * failure, and so does a run without tests.
 */
export function summarise(isWell) {
  const workspaces = resultFiles().map(readResult);
  const passed = workspaces.reduce((sum, result) => sum + result.passed, 0);
  const failures = workspaces.flatMap((result) => result.failures);
  if (failures.length === 0 && !isWell)
    failures.push('a build or a test run broke before it had a result: see above');
  if (failures.length === 0 && passed === 0) failures.push('there were no tests');
  return { workspaces, passed, failures };
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
  for (const name of workspaces.flatMap((result) => result.secondTry))
    console.log(`  passed at the second try only: ${name}`);
  for (const failure of failures) console.log(`  failed: ${failure}`);
  console.log(`\n${passed} passed, ${failures.length} failed`);
}
