import { CommanderError } from 'commander';
import { Output } from './output.js';
import { createProgram } from './program.js';

// `postrider deliveries | head` ends early, and that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const isJson = process.argv.includes('--json');
const program = createProgram(isJson);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version end here too, with 0; what was not understood is said already, but to programs.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    if (isJson && error.exitCode !== 0) new Output(true).error(error);
  } else {
    process.exitCode = new Output(isJson).error(error);
  }
}
