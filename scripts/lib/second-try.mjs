// In CI a test that failed is tried once more, at the end of its file, and both are told (results-reporter.mjs): deadlines
// of half a second and machines that are shared with strangers do not go together. Everywhere else a test has one try.
import { jest } from '@jest/globals';

if (process.env.CI) jest.retryTimes(1, { logErrorsBeforeRetry: true });
