// The examples to build on: what they promise, against a whole system.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  sendRequest,
  startReceiver,
  startSystem,
  temporaryFolder,
  type Receiver,
  type TestSystem,
} from '@postrider/test-kit';
import { Customer } from './support/client.js';
import { startProgram } from './support/run-program.js';

interface User {
  readonly Name: string;
  readonly Token: string;
  readonly Organization: string;
  readonly Role: string;
}
interface GatewayExample {
  startGateway: (options: {
    apiUrl: string;
    adminKey: string;
    users: readonly User[];
  }) => Promise<{ url: string; stop: () => Promise<void> }>;
}
interface CronExample {
  parseCron: (expression: string) => (epochSecond: number) => boolean;
}

const examples = join(import.meta.dirname, '..', '..', 'examples');
const load = async <T>(file: string): Promise<T> =>
  (await import(pathToFileURL(join(examples, file)).href)) as T;

let system: TestSystem;
let receiver: Receiver;
beforeAll(async () => {
  system = await startSystem();
  receiver = await startReceiver();
}, 120_000);
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});

test('cron expressions mean what they mean elsewhere', async () => {
  const { parseCron } = await load<CronExample>('scheduler/cron.mjs');
  const at = (text: string) => Date.parse(text) / 1_000;
  const isDue = (expression: string, time: string) => parseCron(expression)(at(time));
  expect(isDue('0 3 * * *', '2026-05-04T03:00:00Z')).toBe(true);
  expect(isDue('0 3 * * *', '2026-05-04T03:00:01Z')).toBe(false);
  expect(isDue('*/15 9-17 * * 1-5', '2026-05-04T09:45:00Z')).toBe(true);
  expect(isDue('*/15 9-17 * * 1-5', '2026-05-03T09:45:00Z')).toBe(false);
  expect(isDue('0 0 1 * 7', '2026-05-03T00:00:00Z')).toBe(true);
  expect(isDue('0 0 1 * 7', '2026-05-01T00:00:00Z')).toBe(true);
  expect(isDue('0 0 1 * 7', '2026-05-02T00:00:00Z')).toBe(false);
  expect(isDue('*/10 * * * * *', '2026-05-03T00:00:20Z')).toBe(true);
  for (const wrong of ['', '* * * *', '60 * * * *', '* * 0 * *', '5-2 * * * *', '*/0 * * * *', 'a * * * *']) {
    expect(() => parseCron(wrong)).toThrow();
  }
});

test('the scheduler waits for NATS, and tells each thing that happened once', async () => {
  const customer = await Customer.signUp(system);
  await customer.addWebhook(`${receiver.url}/scheduler`);
  const jobs = join(temporaryFolder('jobs'), 'jobs.json');
  writeFileSync(jobs, JSON.stringify([{ Id: 'tick', Cron: '* * * * * *', Command: 'exit 3' }]));
  await system.nats.kill();
  const scheduler = startProgram([join(examples, 'scheduler', 'scheduler.mjs'), jobs, '--runs', '1'], {
    env: { NATS_URL: system.nats.urlFor('publisher'), ORGANIZATION: customer.organizationId },
  });
  await system.nats.restart();
  expect(await scheduler.ended).toMatchObject({ code: 0 });
  const events = await system.waitFor('both events', () => {
    const mine = receiver.requests
      .filter(({ path }) => path === '/scheduler')
      .map((one) => one.json<{ Id: string; Topic: string }>());
    return mine.length >= 2 ? mine : null;
  });
  expect(events.map(({ Topic }) => Topic).sort()).toEqual(['job.execution.failed', 'job.execution.started']);
  expect(events.map(({ Id }) => Id).sort()).toEqual([
    expect.stringMatching(/^tick-\d+-failed$/),
    expect.stringMatching(/^tick-\d+-started$/),
  ]);
  // Said again with the same Id it is not sent again.
  const [first] = events;
  const topic = first?.Topic ?? '';
  await system.publish(customer.organizationId, topic, { Id: first?.Id, Data: {} }, first?.Id);
  await system.publish(customer.organizationId, topic, { Id: 'later', Data: {} });
  const idsAfter = await system.waitFor('a later event', () => {
    const ids = receiver.requests
      .filter(({ path }) => path === '/scheduler')
      .map((one) => one.json<{ Id: string }>().Id);
    return ids.includes('later') ? ids : null;
  });
  expect(idsAfter.sort()).toEqual([...events.map(({ Id }) => Id), 'later'].sort());
}, 120_000);

describe('the gateway', () => {
  test('lets each user do what the role allows, in the own organization alone', async () => {
    const [mine, other] = [await Customer.signUp(system, 'Mine'), await Customer.signUp(system, 'Other')];
    const webhook = await mine.addWebhook(`${receiver.url}/gateway`);
    const foreign = await other.addWebhook(`${receiver.url}/foreign`);
    const user = (Role: string): User => ({
      Name: Role,
      Role,
      Token: `token-of-${Role}`,
      Organization: mine.organizationId,
    });
    const { startGateway } = await load<GatewayExample>('gateway/gateway.mjs');
    const users = [user('viewer'), user('operator'), user('editor')];
    const gateway = await startGateway({ apiUrl: system.apiUrl, adminKey: system.adminApiKey, users });
    const ask = async (role: string, method: string, path: string, body?: unknown) => {
      const headers = { authorization: `Bearer token-of-${role}` };
      return sendRequest(method, gateway.url + path, { headers, ...(body === undefined ? {} : { body }) });
    };
    try {
      expect((await ask('viewer', 'GET', '/webhooks')).body).toMatchObject({ Data: [{ Id: webhook.Id }] });
      const create = { Url: `${receiver.url}/made`, Topics: ['*'] };
      expect((await ask('viewer', 'POST', '/webhooks', create)).body).toMatchObject({
        status: 403,
        code: 'scope_missing',
      });
      expect((await ask('operator', 'POST', '/webhooks', create)).status).toBe(403);
      expect((await ask('editor', 'POST', '/webhooks', create)).status).toBe(201);
      expect((await ask('editor', 'POST', `/webhooks/${webhook.Id}/ping`)).body).toMatchObject({
        Status: 'Succeeded',
      });
      expect((await ask('editor', 'POST', '/webhooks', { Url: 7 })).body).toMatchObject({
        status: 422,
        errors: expect.any(Array),
      });
      expect((await ask('nobody', 'GET', '/webhooks')).status).toBe(401);
      for (const path of [
        `/webhooks/${foreign.Id}`,
        `/webhooks/../../${other.organizationId}/webhooks`,
        `/webhooks/%2e%2e/%2e%2e/${other.organizationId}/webhooks`,
        `/webhooks/..%2f..%2f${other.organizationId}/webhooks`,
        '/api-keys',
        '/',
        '//organizations',
      ]) {
        expect([path, (await ask('editor', 'GET', path)).status]).toEqual([path, 404]);
      }
    } finally {
      await gateway.stop();
    }
  }, 60_000);
});
