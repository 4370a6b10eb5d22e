// `npm run chaos`: the real services under load, and what goes wrong in the world. Ends with the loss; not with 0 where
// there is any, or where another promise was not kept.
import { ConfigurationError } from '@postrider/runtime';
import { readOptions } from './options.js';
import { scenarios } from './scenarios.js';

const startedMs = performance.now();
const say = (text: string): void => {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
};

async function main(): Promise<number> {
  const { names, ...options } = readOptions(process.argv.slice(2));
  say(`seed ${options.seed} (--seed ${options.seed} repeats the choices), ${names.join(', ')}`);
  let lost = 0;
  let failed = 0;
  for (const name of names) {
    say(`── ${name}`);
    try {
      const { problems, figures } = await scenarios[name]({ ...options, say });
      lost += Number(figures['lost'] ?? 0);
      for (const [figure, value] of Object.entries(figures)) say(`   ${figure}: ${value}`);
      for (const problem of problems) say(`   FAILED: ${problem}`);
      if (problems.length > 0) failed += 1;
    } catch (error) {
      say(`   FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      failed += 1;
    }
  }
  say(`${names.length - failed} of ${names.length} passed; lost: ${lost}`);
  return failed === 0 && lost === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
