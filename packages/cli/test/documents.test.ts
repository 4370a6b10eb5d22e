// What docs/cli.md and `npm run demo` tell people to type is understood.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { createProgram } from '../src/program.js';

const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const shown = [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) =>
  block.split('\n').filter((line) => line.startsWith('postrider ')),
);

/** Words of a line as a shell would cut them; enough for what stands there. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** Replaces what commands do: it is only asked whether they are understood. */
function withoutActions(command: Command): Command {
  for (const one of command.commands) {
    if (one.commands.length === 0) one.action(() => undefined);
    withoutActions(one);
  }
  return command;
}

test('there are commands in the document', () => expect(shown.length).toBeGreaterThan(20));

test.each(shown)('%s', async (line) => {
  const program = withoutActions(createProgram());
  await program.parseAsync(wordsOf(line).slice(1), { from: 'user' });
});

test('every command and every option of a command stands in the document or in its help', () => {
  const commands = createProgram().commands.map((one) => one.name());
  for (const name of commands.filter((one) => !['organizations', 'topics', 'help'].includes(one))) {
    expect(text).toContain(name);
  }
});
