// A Redis of the bench's own: Debian's redis-server, installed where apt can, with the append-only file that BullMQ asks
// for in production.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { keep, temporaryFolder, waitFor } from '@postrider/test-kit';
import { freePort } from '../../../scripts/lib/for-tests.mjs';
import { findInstalled, installWithApt } from '../../../scripts/lib/system-package.mjs';

export interface RedisServer {
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

const program = 'redis-server';

async function findOrInstall(): Promise<string | undefined> {
  const found = findInstalled(program);
  if (found !== undefined) return found;
  // Why it could not be installed stands in the log; without one BullMQ is left out, which is said.
  const logFile = join(temporaryFolder('redis-install'), 'apt.log');
  await installWithApt(program, logFile).catch(() => undefined);
  return findInstalled(program);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** undefined where there is no redis-server and none can be installed. */
export async function startRedis(): Promise<RedisServer | undefined> {
  const file = await findOrInstall();
  if (file === undefined) return undefined;
  const port = await freePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: temporaryFolder('redis'),
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(file, flags, { stdio: 'ignore' });
  keep(child);
  await waitFor('Redis to listen', () => isListening(port), { timeoutMs: 20_000 });
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return {
    pid: child.pid ?? 0,
    port,
    version: /v=(\S+)/.exec(stdout)?.[1] ?? '?',
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
