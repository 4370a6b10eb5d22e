import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isAlive } from '../../../scripts/lib/for-tests.mjs';
import { waitFor } from '../src/index.js';

// The test run of this program: it starts a server and is killed before it can stop it.
const program = `
  import { startNats, temporaryFolder } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
  const folder = temporaryFolder('keeper');
  const gone = await startNats();
  await gone.stop();
  const nats = await startNats();
  console.log(JSON.stringify({ pid: nats.pid, gone: gone.pid, folder }));
  setInterval(() => {}, 1_000);
`;

test('what a killed test run had started ends with it', async () => {
  const run = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  run.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await waitFor('the started server', () => output.includes('\n'));
  const { pid, folder } = JSON.parse(output) as { pid: number; folder: string };
  expect(isAlive(pid)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  run.kill('SIGKILL');
  await waitFor('the end of the server', () => !isAlive(pid));
  await waitFor('the end of the folder', () => !existsSync(folder));
});
