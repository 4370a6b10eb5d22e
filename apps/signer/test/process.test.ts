// The real program: how it starts and ends, what it tells, and what it never tells.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keep, sendRequest, waitFor } from '@postrider/test-kit';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

interface Program {
  readonly child: ChildProcess;
  /** All that it has written. */
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function start(env: Record<string, string>): Program {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url))], {
    env: {
      DATABASE_URL: harness.database.urlFor('signer'),
      NATS_URL: harness.nats.urlFor('signer'),
      MASTER_KEYS: harness.masterKeys,
      SIGNER_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  keep(child);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => text, ended };
}

async function listening(program: Program): Promise<string> {
  const message = await Promise.race([once(program.child, 'message'), program.ended]);
  if (!Array.isArray(message)) throw new Error(`ended: ${program.output()}`);
  expect(message[0]).toMatchObject({ type: 'listening', service: 'signer' });
  return (message[0] as { url: string }).url;
}

test('at its most talkative, and when everything goes wrong, it tells no secret, key, value or body', async () => {
  const program = start({ LOG_LEVEL: 'trace' });
  const url = await listening(program);
  const canary = 'canary-4711';
  const webhook = harness.newWebhook();
  const created = await harness.create(webhook, `Bearer ${canary}`);
  const rotated = await harness.rotate(webhook, 60);
  await harness.create(webhook, `Bearer ${canary}`).catch(() => undefined);
  await harness.setAuthorization(webhook, `Basic ${canary}`);
  await harness.setAuthorization(harness.newWebhook(), `Basic ${canary}`).catch(() => undefined);
  await harness.setAuthorization(webhook, `line\nbreak ${canary}`).catch(() => undefined);
  await harness.signOne({ ...webhook, prefix: Buffer.from(`{"Data":"${canary}"`) });
  await harness.signBytes(Buffer.from(`\0\0\0\x20{"Data":"${canary}" and what follows`));
  // What the database says of a statement that fails must not quote its values.
  await harness.database.query('ALTER TABLE webhook_credentials ADD CHECK (version < 2) NOT VALID');
  await harness.setAuthorization(webhook, `Bearer ${canary}`).catch(() => undefined);
  await harness.database.query(
    'UPDATE signing_secrets SET sealed = set_byte(sealed, 80, get_byte(sealed, 80) # 1) WHERE webhook_id = $1',
    [webhook.webhookId],
  );
  await harness.sign({ ...webhook, secretVersion: 9 });
  const metrics = await sendRequest('GET', `${url}/metrics`);
  expect(metrics.text).toMatch(/postrider_signatures_total\{result="signed"\} 1\n/);
  expect(metrics.text).toMatch(/postrider_signatures_total\{result="unavailable"\} 1\n/);
  expect(metrics.text).toMatch(/postrider_secret_lookups_total\{result="miss"\} 2\n/);
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);

  const told = program.output() + metrics.text;
  // It did log what happened.
  expect(told).toMatch(/secret\.changed/);
  expect(told).toMatch(/secret\.change\.failed/);
  expect(told).toMatch(/sign\.request\.malformed/);
  expect(told).toMatch(/secret\.does\.not\.open/);
  const [, masterKey = ''] = harness.masterKeys.split(':');
  for (const secret of [canary, masterKey, created.SigningSecret, rotated.SigningSecret, 'test-signer']) {
    expect(told).not.toContain(secret);
    expect(told).not.toContain(secret.replace('whsec_', ''));
  }
});

test('settings that are wrong end it with one message that names them all', async () => {
  const program = start({ MASTER_KEYS: 'a:b', SIGNER_PORT: 'x', LOG_LEVEL: 'loud' });
  expect(await program.ended).toBe(1);
  for (const name of ['MASTER_KEYS', 'SIGNER_PORT', 'LOG_LEVEL']) expect(program.output()).toContain(name);
  expect(program.output()).not.toMatch(/\n\s+at /);
});

test('a port that is taken ends it with a message that names SIGNER_PORT', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = start({ SIGNER_PORT: String(port) });
  expect(await program.ended).toBe(1);
  expect(program.output()).toMatch(new RegExp(`port ${port} is taken.*SIGNER_PORT`));
  server.close();
});

test.each([
  ['SIGTERM', 'NATS', { NATS_URL: 'nats://127.0.0.1:1' }, /connection refused/],
  ['SIGINT', 'the database', { DATABASE_URL: 'postgres://signer:x@127.0.0.1:1/none' }, /database\.away/],
] as const)('%s ends it within seconds while it waits for %s', async (signal, _, env, waits) => {
  const program = start(env);
  await waitForOutput(program, waits);
  const started = performance.now();
  program.child.kill(signal);
  expect(await program.ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});

async function waitForOutput(program: Program, pattern: RegExp): Promise<void> {
  await waitFor(`the program to say ${String(pattern)}`, () => pattern.test(program.output()));
}
