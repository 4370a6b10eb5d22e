// `npm run bench`: the real services on a real PostgreSQL (fsync on) and NATS, a receiver and a publisher in processes of
// their own; beside them, in the same run, the bare limit and the peers. Wall figures are noisy: quote ratios of one run.
import { ConfigurationError } from '@postrider/runtime';
import { runGrowth } from './growth-suite.js';
import { readOptions } from './options.js';
import { runProcesses } from './processes-suite.js';
import { runTable } from './table-suite.js';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  switch (options.suite) {
    case 'growth':
      return runGrowth(options);
    case 'processes':
      return runProcesses(options);
    case 'table':
      return runTable(options);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
