// `npm start`, the second time: PostgreSQL, NATS, the four services, ready to work, with the data of the first.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, keep, temporaryFolder, waitFor } from '@postrider/test-kit';
import { root } from '../../../scripts/lib/for-tests.mjs';
import type { Bench, Findings } from '../bench.js';

const ports = {
  CONFIG_API_PORT: '0',
  EVENT_INGEST_PORT: '0',
  DISPATCHER_PORT: '0',
  SIGNER_PORT: '0',
};
const limitMs = 240_000;

export async function secondStart(bench: Bench): Promise<Findings> {
  const stateDir = temporaryFolder('bench-start');
  const first = await startOnce(stateDir);
  const second = await startOnce(stateDir);
  bench.say.line(`  npm start: ${first.toFixed(1)} s, the second time ${second.toFixed(1)} s`);
  return { measures: { 'second-start': second }, details: { FirstS: first, SecondS: second } };
}

/** Seconds until local.json tells that all is up. */
async function startOnce(stateDir: string): Promise<number> {
  const logFile = join(stateDir, 'start.log');
  const log = openSync(logFile, 'a');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs')], {
    cwd: root,
    // What the person's environment names would be used instead of what is measured.
    env: { ...childEnvironment('DATABASE_URL', 'NATS_URL'), ...ports, POSTRIDER_STATE_DIR: stateDir },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  keep(child);
  try {
    const local = join(stateDir, 'local.json');
    await waitFor('npm start to be up', () => existsSync(local) || hasEnded(child), {
      timeoutMs: limitMs,
      intervalMs: 10,
    });
    if (!existsSync(local)) throw new Error(`npm start ended:\n${readFileSync(logFile, 'utf8')}`);
    return (performance.now() - startedMs) / 1000;
  } finally {
    await stop(child);
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  await gone;
}
