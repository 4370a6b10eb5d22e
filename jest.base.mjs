// One jest setup for every workspace: native ESM (NODE_OPTIONS=--experimental-vm-modules), TypeScript by swc.
import { fileURLToPath } from 'node:url';

const resultsReporter = fileURLToPath(new URL('./scripts/lib/results-reporter.mjs', import.meta.url));

export const jestBase = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  // Two suites share two cores in CI: what hangs is found late, what is slow is let be.
  testTimeout: 120_000,
  reporters: ['default', resultsReporter],
};
