import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { completionFor } from '../src/commands/completion.js';
import { createProgram } from '../src/program.js';

/** What bash offers after these words. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const script = `${completionFor('bash', createProgram())}
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _postrider; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

test('bash completes commands, their commands, and their options', () => {
  expect(offered('postrider', '')).toEqual(
    expect.arrayContaining(['listen', 'webhooks', 'doctor', '--json']),
  );
  expect(offered('postrider', 'li')).toEqual(['listen']);
  expect(offered('postrider', '--json', 'webhooks', 'r')).toEqual(['resume', 'rotate']);
  expect(offered('postrider', 'replay', '--dry')).toEqual(['--dry-run']);
  expect(offered('postrider', 'webhooks', 'create', 'https://example.com', '--al')).toEqual(['--alias']);
});

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
for (const shell of ['zsh', 'fish'] as const) {
  (has(shell) ? test : test.skip)(`${shell} takes its completions`, () => {
    const script = completionFor(shell, createProgram());
    execFileSync(
      shell,
      shell === 'zsh' ? ['-c', `autoload -Uz compinit && compinit -u -D; ${script}`] : ['-c', script],
    );
  });
}
