// The command line against a whole system, as a person or a script uses it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  Delivery,
  DeliveryWithAttempts,
  Replay,
  Webhook,
  WebhookWithSecret,
} from '@postrider/contracts';
import {
  startReceiver,
  startSystem,
  temporaryFolder,
  type Receiver,
  type TestSystem,
} from '@postrider/test-kit';
import { Customer } from './support/client.js';
import { startCli } from './support/run-cli.js';
import type { ProgramResult, ProgramRun } from './support/run-program.js';
import { verifies } from './support/verify.js';

let system: TestSystem;
let receiver: Receiver;
let customer: Customer;

beforeAll(async () => {
  system = await startSystem();
  receiver = await startReceiver();
}, 120_000);
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});
beforeEach(async () => {
  customer = await Customer.signUp(system);
  receiver.respond({});
  receiver.clear();
});

const environment = (): Record<string, string> => ({
  POSTRIDER_API_URL: system.apiUrl,
  POSTRIDER_INGEST_URL: system.ingestUrl,
  POSTRIDER_API_KEY: system.adminApiKey,
  POSTRIDER_ORGANIZATION: customer.organizationId,
});

const start = (...args: string[]): ProgramRun => startCli(args, { env: environment() });

async function run(...args: string[]): Promise<ProgramResult> {
  return start(...args).ended;
}

/** The JSON of a command that must succeed. */
async function json<T>(...args: string[]): Promise<T> {
  const result = await run('--json', ...args);
  expect({ args, ...result }).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(result.stdout) as T;
}

const createWebhook = (...args: string[]): Promise<WebhookWithSecret> =>
  json('webhooks', 'create', `${receiver.url}/hook`, ...args);

test('a webhook, from its creation to its end', async () => {
  const made = await createWebhook('--alias', 'Mine', '--topic', 'job.execution.*', '--timeout', '7');
  expect(made).toMatchObject({
    Alias: 'Mine',
    Topics: ['job.execution.*'],
    TimeoutSeconds: 7,
    State: 'enabled',
  });
  const ping = await run('webhooks', 'ping', made.Id);
  expect(ping).toMatchObject({ code: 0, stdout: expect.stringContaining('POST http://127.0.0.1') });
  const [request] = receiver.requests;
  expect(request && verifies(request, made.SigningSecret ?? '')).toBe(true);
  expect(await json('webhooks', 'pause', made.Id)).toMatchObject({ State: 'paused' });
  expect(await json('webhooks', 'resume', made.Id)).toMatchObject({ State: 'enabled' });
  const rotated = await json<WebhookWithSecret>('webhooks', 'rotate', made.Id, '--grace', '60');
  expect(rotated.SigningSecret).toMatch(/^whsec_/);
  expect(rotated.SigningSecret).not.toBe(made.SigningSecret);
  expect((await json<{ Data: Webhook[] }>('webhooks')).Data).toHaveLength(1);
  expect((await run('webhooks')).stdout).toMatch(/ALIAS.*\n.*Mine +enabled/);
  receiver.respond({ status: 500 });
  expect(await run('webhooks', 'ping', made.Id)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('http_status'),
  });
  await json('webhooks', 'delete', made.Id);
  expect(await run('webhooks', 'show', made.Id)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: .*\nCheck the id/),
  });
}, 120_000);

test('events are triggered, found in the log, shown and sent again', async () => {
  const webhook = await createWebhook('--topic', 'job.execution.failed');
  const one = await run(
    'trigger',
    'job.execution.failed',
    '--data',
    '{"JobId":"nightly"}',
    '--id',
    'evt_cli',
  );
  expect(one).toMatchObject({ code: 0, stdout: 'Accepted event evt_cli: 1 delivery.\n' });
  await receiver.waitForRequests(1);
  expect(
    await run('trigger', 'job.execution.failed', '--data', '{"JobId":"nightly"}', '--id', 'evt_cli'),
  ).toMatchObject({
    stdout: expect.stringContaining('known already'),
  });
  const many = await run('trigger', 'job.execution.failed', '--count', '120');
  expect(many).toMatchObject({ code: 0, stdout: 'Accepted 120 events: 120 deliveries.\n' });
  expect(many.stderr).toContain('published 120/120');
  await receiver.waitForRequests(121);
  const nobody = await run('trigger', 'job.execution.started', '--data', '{}');
  expect(nobody.stderr).toContain('No webhook wants it');

  const succeeded = () =>
    json<{ Data: Delivery[] }>(
      'deliveries',
      '--event',
      'evt_cli',
      '--status',
      'Succeeded',
      '--webhook',
      webhook.Id,
      '--from',
      '1h',
    );
  const { Data } = await system.waitFor('the delivery on record', async () => {
    const page = await succeeded();
    return page.Data.length === 1 ? page : null;
  });
  const [delivery] = Data;
  const id = delivery?.Id ?? '';
  const shown = await json<DeliveryWithAttempts>('deliveries', 'show', id);
  expect(JSON.parse(shown.Attempts[0]?.Request.Body ?? '')).toMatchObject({ Data: { JobId: 'nightly' } });
  const again = await run('resend', id);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Attempt 2 (resend)') });
  receiver.respond({ status: 503 });
  expect(await run('resend', id)).toMatchObject({ code: 1, stdout: expect.stringContaining('http_status') });
  expect((await run('deliveries', '--limit', '100')).stderr).toMatch(/There are more: --cursor \S+/);
}, 120_000);

test('listen prints what comes, and forwards it as it was sent', async () => {
  const webhook = await createWebhook();
  const mine = await startReceiver();
  const listening = start(
    '--json',
    'listen',
    '--forward',
    `${mine.url}/local`,
    '--topic',
    'job.*',
    '--count',
    '2',
  );
  try {
    // With --json nothing is said of the stream's beginning: events are sent until one is forwarded.
    await system.waitFor('a line', async () => {
      if (mine.requests.length > 0) return true;
      await customer.publish({ Topic: 'job.execution.failed', Data: { n: 1 } });
      return waitABit(() => mine.requests.length > 0);
    });
    const [forwarded] = mine.requests;
    const original = receiver.requests.find(
      (one) => one.header('X-Postrider-Attempt-Id') === forwarded?.header('X-Postrider-Attempt-Id'),
    );
    expect(forwarded?.path).toBe('/local');
    expect(forwarded?.text).toBe(original?.text);
    for (const name of [
      'Content-Type',
      'User-Agent',
      'webhook-id',
      'webhook-signature',
      'X-Postrider-Trigger',
    ]) {
      expect([name, forwarded?.header(name)]).toEqual([name, original?.header(name)]);
    }
    expect(forwarded && verifies(forwarded, webhook.SigningSecret ?? '')).toBe(true);
  } finally {
    listening.child.kill('SIGINT');
    expect((await listening.ended).code).toBe(0);
    await mine.stop();
  }
  const lines = listening
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({ Delivery: { Topic: 'job.execution.failed', WebhookId: webhook.Id } });
  expect(lines.find((line) => 'Forwarded' in line)).toMatchObject({
    Forwarded: { StatusCode: 200, Error: null },
  });
}, 120_000);

test('listen connects again, and shows what happened meanwhile', async () => {
  await createWebhook();
  const listening = start('listen', '--forward', 'http://127.0.0.1:9/nobody');
  await system.waitFor('the stream', () => listening.stderr().includes('Listening to'));
  await customer.publish({ Id: 'evt_before', Topic: 'job.execution.failed', Data: {} });
  await system.waitFor('the first line', () =>
    /Succeeded +job\.execution\.failed +200/.test(listening.stdout()),
  );
  await system.waitFor('why it was not forwarded', () =>
    /attempt 1 forwarded: nothing listens at/.test(listening.stdout()),
  );
  const before = listening.stdout().length;
  await system.service('config-api').stop();
  await system.waitFor('the break', () => listening.stderr().includes('The stream broke'));
  await customer.publish({ Id: 'evt_meanwhile', Topic: 'job.execution.succeeded', Data: {} });
  await receiver.waitForRequests(2);
  await system.service('config-api').start();
  await system.waitFor('the stream again', () => listening.stderr().includes('Connected again'));
  await system.waitFor('what was missed', () =>
    listening.stdout().slice(before).includes('job.execution.succeeded'),
  );
  listening.child.kill('SIGINT');
  const ended = await listening.ended;
  expect(ended.code).toBe(0);
  expect(ended.stdout.match(/Succeeded +job\.execution\.succeeded/g)).toHaveLength(1);
}, 120_000);

describe('replay', () => {
  test('counts, asks for consent, and sends again with progress', async () => {
    await createWebhook();
    await run('trigger', 'job.execution.failed', '--count', '20');
    await receiver.waitForRequests(20);
    await system.waitFor('all on record', async () => {
      const { Data } = await json<{ Data: Delivery[] }>('deliveries', '--status', 'Succeeded');
      return Data.length === 20;
    });
    const range = ['--from', '1h', '--topic', 'job.execution.failed'];
    expect(await json('replay', ...range, '--dry-run')).toEqual({ DryRun: true, Total: 20 });
    expect(await run('replay', ...range)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    const done = await run('replay', ...range, '--yes', '--rate', '200');
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Completed: 20 succeeded, 0 failed, of 20/),
    });
    expect(done.stderr).toContain('sent 20/20');
    expect(receiver.requests.filter((one) => one.header('X-Postrider-Trigger') === 'resend')).toHaveLength(
      20,
    );

    const slow = start('replay', ...range, '--yes', '--rate', '1');
    await system.waitFor('its progress', () => slow.stderr().includes('sent '));
    slow.child.kill('SIGINT');
    const ended = await slow.ended;
    expect(ended).toMatchObject({ code: 130, stdout: expect.stringContaining('Cancelled') });
    const id = /Replay (\S+)/.exec(ended.stdout)?.[1] ?? '';
    const replay = await customer.call<Replay>('GET', `/replays/${id}`, undefined, 200);
    expect(replay).toMatchObject({ State: 'Cancelled' });
    expect(replay.Done).toBeLessThan(20);
  }, 120_000);
});

test('verify tells a right request from a wrong one, and why', async () => {
  const { SigningSecret, Id } = await createWebhook();
  const ping = await json<DeliveryWithAttempts>('webhooks', 'ping', Id);
  const [request] = receiver.requests;
  const folder = temporaryFolder('verify');
  writeFileSync(join(folder, 'body'), request?.body ?? '');
  writeFileSync(
    join(folder, 'headers'),
    ['POST /hook HTTP/1.1', ...(request?.headers ?? []).map((pair) => pair.join(': '))].join('\r\n'),
  );
  const captured = ['--body', join(folder, 'body'), '--headers', join(folder, 'headers')];
  const env = { SIGNING_SECRET: SigningSecret ?? '' };
  const verify = (...args: string[]) => startCli(['--json', 'verify', ...args], { env }).ended;
  const right = await verify(...captured);
  expect(right).toMatchObject({ code: 0 });
  expect(JSON.parse(right.stdout)).toMatchObject({
    Verified: true,
    Checks: [{ Result: 'right' }, { Result: 'right' }],
  });
  const other = await verify(...captured, '--secret', `whsec_${Buffer.alloc(32).toString('base64')}`);
  expect(other.code).toBe(1);
  expect(JSON.parse(other.stdout)).toMatchObject({
    Verified: false,
    Checks: [{ Code: 'signature_mismatch' }, { Code: 'signature_mismatch' }],
  });
  writeFileSync(join(folder, 'body'), `${request?.text} `);
  expect((await verify(...captured)).code).toBe(1);
  expect(await run('verify', '--delivery', ping.Id, '--secret', SigningSecret ?? '')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^verified/),
  });
}, 120_000);

async function waitABit(isDone: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 20 && !isDone(); turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return isDone();
}
