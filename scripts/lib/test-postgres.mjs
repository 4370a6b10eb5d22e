// One throw-away PostgreSQL for a test run. Whoever asks first starts it; it ends when the run's process does, however
// that ends, because it is held by a process of its own (test-postgres-host.mjs).
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcess, identify, until } from './process.mjs';

const hostProgram = fileURLToPath(new URL('./test-postgres-host.mjs', import.meta.url));

/**
 * The administrator's URL of the PostgreSQL that belongs to the process `ownerPid`, started when it is not there yet.
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function testPostgresOf(ownerPid) {
  const owner = identify(ownerPid);
  if (!owner) throw new Error(`no process ${ownerPid} for a test database to belong to`);
  const folder = join(tmpdir(), `postrider-test-${ownerPid}-${owner.startedAt.replaceAll(/\W/g, '')}`);
  try {
    mkdirSync(folder);
    const args = [hostProgram, String(ownerPid), folder];
    spawn(process.execPath, args, { cwd: '/', detached: true, stdio: 'ignore' }).unref();
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const answer = await until(() => readAnswer(folder), 60_000);
  if (!answer?.url)
    throw new Error(`the test database did not start: ${answer?.problem ?? `no answer in ${folder}`}`);
  return { url: answer.url, stop: () => endProcess(answer.hostPid, { graceMs: 10_000 }) };
}

function readAnswer(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8'));
  } catch {
    return null;
  }
}
