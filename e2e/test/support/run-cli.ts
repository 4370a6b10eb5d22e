// The command line as a person runs it.
import { fileURLToPath } from 'node:url';
import { startProgram, type ProgramOptions, type ProgramRun } from './run-program.js';

const program = fileURLToPath(new URL('../../../packages/cli/bin/postrider.mjs', import.meta.url));

export function startCli(args: readonly string[], options?: ProgramOptions): ProgramRun {
  return startProgram([program, ...args], options);
}
