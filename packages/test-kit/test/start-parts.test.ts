// The parts of `npm start` that keep it running: who may start, on which ports, and what is started again.
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { endProcess, isAlive } from '../../../scripts/lib/for-tests.mjs';
import { takeLock } from '../../../scripts/lib/lock.mjs';
import { servicePorts, usualOrFreePort } from '../../../scripts/lib/ports.mjs';
import { Supervised, restartDelayMs } from '../../../scripts/lib/supervise.mjs';
import { keep, temporaryFolder, waitFor } from '../src/index.js';

let said: string[];
beforeEach(() => {
  said = [];
  jest.spyOn(console, 'log').mockImplementation((line: unknown) => void said.push(String(line)));
});
afterEach(() => void jest.restoreAllMocks());

function sleeper(): ChildProcess {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  keep(child);
  return child;
}

const supervise = (launch: () => { child: ChildProcess; ready: Promise<unknown> }): Supervised =>
  new Supervised({
    name: 'sleeper',
    logFile: '/dev/null',
    launch,
    end: (pid) => endProcess(pid, { graceMs: 2_000 }),
  });

test.each([
  [1, 0, 0],
  [2, 0, 500],
  [4, 0, 2_000],
  [5, 0, 4_000],
  [6, 0, 5_000],
  [20, 0, 5_000],
  [2, 60_000, 500],
  [20, 60_000, 1_000],
])('death %i within 30 s, after %i ms of running: started again in %i ms', (deaths, ranMs, waitMs) => {
  expect(restartDelayMs(deaths, ranMs)).toBe(waitMs);
});

test('what is killed runs again at once, what is stopped stays stopped', async () => {
  const supervised = supervise(() => ({ child: sleeper(), ready: Promise.resolve() }));
  await supervised.start();
  const [first = 0] = supervised.pids;
  expect(isAlive(first)).toBe(true);
  process.kill(first, 'SIGKILL');
  const second = await waitFor('another process', () => supervised.pids.find((pid) => pid !== first), {
    timeoutMs: 1_000,
  });
  expect(isAlive(second)).toBe(true);
  expect(said.join('\n')).toMatch(/sleeper ended \(SIGKILL\); starting it again/);
  await supervised.stop();
  expect(isAlive(second)).toBe(false);
  expect(supervised.pids).toEqual([]);
});

test('a first start that fails is not tried again', async () => {
  let launches = 0;
  const supervised = supervise(() => {
    launches += 1;
    return { child: sleeper(), ready: Promise.reject(new Error('no port')) };
  });
  await expect(supervised.start()).rejects.toThrow('no port');
  await supervised.stop();
  expect(launches).toBe(1);
  expect(supervised.pids).toEqual([]);
});

test('one start at a time holds the lock; a lock of nobody is no obstacle', () => {
  const file = join(temporaryFolder('lock'), 'start.lock');
  const release = takeLock(file);
  expect(() => takeLock(file)).toThrow(`already running from this clone (process ${process.pid})`);
  release();
  // The number of a process that lives, with a beginning that is not its own: it was given away again.
  writeFileSync(file, JSON.stringify({ Pid: process.pid, StartedAt: 'long ago' }));
  takeLock(file)();
  writeFileSync(file, 'half a li');
  takeLock(file)();
});

test('a taken port is an error that names the variable', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  const free = { CONFIG_API_PORT: '0', EVENT_INGEST_PORT: '0', DISPATCHER_PORT: '0', SIGNER_PORT: '0' };
  try {
    expect(await usualOrFreePort(port)).not.toBe(port);
    await expect(servicePorts({ ...free, DISPATCHER_PORT: String(port) })).rejects.toThrow(
      `Port ${port} of dispatcher is taken by another process: set DISPATCHER_PORT`,
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await usualOrFreePort(port)).toBe(port);
  const ports = await servicePorts({ ...free, DISPATCHER_PORT: String(port) });
  expect(ports).toEqual({ 'config-api': 0, 'event-ingest': 0, dispatcher: port, signer: 0 });
  await expect(servicePorts({ ...free, SIGNER_PORT: '70000' })).rejects.toThrow(
    'SIGNER_PORT=70000 is not a port',
  );
  const twins = { ...free, SIGNER_PORT: String(port), DISPATCHER_PORT: String(port) };
  await expect(servicePorts(twins)).rejects.toThrow(`DISPATCHER_PORT and SIGNER_PORT are both ${port}`);
});
