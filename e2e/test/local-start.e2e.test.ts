// `npm start` as a stranger meets it: up with nothing but Node.js, true about itself, back after every crash, gone when told.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { childEnvironment, keep, sendRequest, temporaryFolder, waitFor } from '@postrider/test-kit';

interface Local {
  readonly ApiUrl: string;
  readonly IngestUrl: string;
  readonly DashboardUrl: string;
  readonly NatsUrl: string;
  readonly DatabaseUrl: string;
  readonly AdminApiKey: string;
  readonly HealthUrls: Readonly<Record<string, string>>;
  readonly Pids: Readonly<Record<string, readonly number[]>>;
}

interface Run {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | string>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const services = ['ConfigApi', 'EventIngest', 'Dispatcher', 'Signer'];
const parts = [...services, 'Nats', 'Postgres'];
let stateDir: string;

const localFile = (): string => join(stateDir, 'local.json');
const local = (): Local => JSON.parse(readFileSync(localFile(), 'utf8')) as Local;
const pids = (): number[] => Object.values(local().Pids).flat();

/** Other ports than the usual, so that it runs beside a system that somebody is working with. */
function run(script: string): Run {
  const ports = { CONFIG_API_PORT: '0', EVENT_INGEST_PORT: '0', DISPATCHER_PORT: '0', SIGNER_PORT: '0' };
  const child = spawn(process.execPath, [join(root, 'scripts', script)], {
    cwd: '/',
    env: { ...childEnvironment(), ...ports, POSTRIDER_STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  keep(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return { process: child, output: () => output, ended };
}

async function start(timeoutMs: number): Promise<Run> {
  const started = run('start.mjs');
  const isUp = waitFor('local.json', () => existsSync(localFile()) && started.output().includes('is up'), {
    timeoutMs,
  });
  const outcome = await Promise.race([isUp.then(() => 'up'), started.ended]).catch(String);
  if (outcome !== 'up') throw new Error(`npm start: ${outcome}\n${started.output()}`);
  return started;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isReady = async (service: string): Promise<boolean> =>
  (await sendRequest('GET', local().HealthUrls[service] ?? '', { timeoutMs: 2_000 })).status === 200;

const organizations = async (): Promise<unknown> => {
  const headers = { authorization: `Bearer ${local().AdminApiKey}` };
  return (await sendRequest('GET', `${local().ApiUrl}/v1/organizations`, { headers })).body;
};

let running: Run;
beforeAll(() => {
  stateDir = temporaryFolder('start');
});
afterAll(async () => {
  running.process.kill('SIGTERM');
  await running.ended;
});

test('the first start brings everything up and says where it is, to this user only', async () => {
  running = await start(80_000);
  expect(statSync(localFile()).mode & 0o777).toBe(0o600);
  expect(Object.keys(local().Pids).sort()).toEqual([...parts].sort());
  for (const part of parts) expect(local().Pids[part]).toHaveLength(1);
  expect(pids().every(isAlive)).toBe(true);
  for (const service of services) expect(await isReady(service)).toBe(true);
  expect(new URL(local().NatsUrl).username).toBe('publisher');
  expect(running.output()).toContain(local().AdminApiKey);
  expect(running.output()).toMatch(/http endpoints are allowed.*\n.*127\.0\.0\.0\/8/);
});

test('the demo shows signed events arriving, a retry among them', async () => {
  const demo = run('demo.mjs');
  expect({ code: await demo.ended, output: demo.output() }).toMatchObject({ code: 0 });
  expect(demo.output()).toMatch(/job\.execution\.failed, attempt 2, both signatures right; answered 200/);
  expect(demo.output()).toMatch(/scheduler: broken-import-\d+-failed: kept/);
  expect(demo.output()).toMatch(/ada \(viewer\) POST .*: 403 scope_missing/);
  expect(demo.output()).toMatch(/ben \(editor\) POST .*: 200 Succeeded/);
});

test('a second start of the same clone is refused by name of the first, and harms nothing', async () => {
  const before = readFileSync(localFile(), 'utf8');
  const second = run('start.mjs');
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`already running from this clone (process ${running.process.pid})`);
  expect(readFileSync(localFile(), 'utf8')).toBe(before);
  expect(await isReady('ConfigApi')).toBe(true);
});

test.each(parts)(
  '%s, killed, runs again within seconds at the same place, and local.json knows',
  async (part) => {
    const before = local();
    const [killed = 0] = before.Pids[part] ?? [];
    process.kill(killed, 'SIGKILL');
    await waitFor(
      `another ${part}`,
      () => {
        const [pid] = local().Pids[part] ?? [];
        return pid !== undefined && pid !== killed && isAlive(pid);
      },
      { timeoutMs: 5_000 },
    );
    for (const service of services)
      await waitFor(`${service} ready`, () => isReady(service), { timeoutMs: 20_000 });
    expect({ ...local(), Pids: null }).toEqual({ ...before, Pids: null });
  },
);

test('SIGTERM stops all of it within 15 s and leaves nothing', async () => {
  const started = pids();
  const begunAt = performance.now();
  running.process.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(performance.now() - begunAt).toBeLessThan(15_000);
  expect(started.filter(isAlive)).toEqual([]);
  expect(existsSync(localFile())).toBe(false);
});

test('the second start takes seconds and finds the data of the first', async () => {
  running = await start(30_000);
  expect(await organizations()).toMatchObject({ Data: [{ Name: expect.stringMatching(/^Demo /) }] });
});

test('after kill -9 of the start itself its services end, and the next start takes over', async () => {
  const { Pids } = local();
  running.process.kill('SIGKILL');
  await running.ended;
  const left = services.flatMap((service) => [...(Pids[service] ?? [])]);
  await waitFor('the end of the services', () => !left.some(isAlive), { timeoutMs: 20_000 });
  running = await start(30_000);
  expect(running.output()).toMatch(/PostgreSQL of an earlier run .* stopped it/);
  expect(running.output()).toMatch(/NATS of an earlier run .* stopped it/);
  expect([...(Pids['Nats'] ?? []), ...(Pids['Postgres'] ?? [])].filter(isAlive)).toEqual([]);
  expect(await organizations()).toMatchObject({ Data: [{ Name: expect.stringMatching(/^Demo /) }] });
});
