import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectNats, startNats, type NatsClient, type TestNats } from '../src/index.js';

let nats: TestNats;
beforeAll(async () => {
  nats = await startNats({ users: true });
});
afterAll(() => nats.stop());

const request = async (client: NatsClient, subject: string, body: unknown): Promise<unknown> =>
  client.publish(subject, JSON.stringify(body), { timeoutMs: 1_500 });

async function as<T>(url: string, use: (client: NatsClient) => Promise<T>): Promise<T> {
  const client = await connectNats(url);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const makeStream = (client: NatsClient): Promise<unknown> =>
  request(client, '$JS.API.STREAM.CREATE.KEPT', {
    name: 'KEPT',
    subjects: ['postrider.events.v1.>'],
    storage: 'file',
    duplicate_window: 60_000_000_000,
  });

test('a publish is acked, and the same id again is a duplicate', async () => {
  await as(nats.url, makeStream);
  await as(nats.urlFor('publisher'), async (client) => {
    const subject = 'postrider.events.v1.org.job.execution.started';
    expect(await client.publish(subject, '{"é":1}', { msgId: 'a' })).toMatchObject({
      stream: 'KEPT',
      seq: 1,
    });
    expect(await client.publish(subject, '{"é":1}', { msgId: 'a' })).toMatchObject({
      seq: 1,
      duplicate: true,
    });
    expect(await client.publish(subject, '{}')).toMatchObject({ seq: 2 });
  });
});

test('a user may only do what it is allowed', async () => {
  await as(nats.urlFor('publisher'), async (client) => {
    await expect(request(client, 'postrider.signer.v1.sign', {})).rejects.toThrow(/Permissions Violation/);
  });
  const wrong = new URL(nats.urlFor('publisher'));
  wrong.password = 'guessed';
  await expect(connectNats(wrong.href)).rejects.toThrow(/Authorization Violation/);
});

test('its store outlives a kill and a stop, and is gone when wiped', async () => {
  const count = (): Promise<unknown> =>
    as(nats.url, (client) =>
      request(client, '$JS.API.STREAM.INFO.KEPT', {}).then((info) => (info as Info).state.messages),
    );
  interface Info {
    state: { messages: number };
  }
  const { port, pid } = nats;
  await nats.kill();
  await expect(connectNats(nats.url)).rejects.toThrow(/ECONNREFUSED/);
  await nats.restart();
  expect(nats.port).toBe(port);
  expect(nats.pid).not.toBe(pid);
  expect(await count()).toBe(2);
  await nats.stop();
  await nats.restart();
  expect(await count()).toBe(2);
  await nats.wipeStore();
  await nats.restart();
  await expect(count()).rejects.toThrow(/stream not found/);
});

test('without users anybody may', async () => {
  const open = await startNats();
  expect(new URL(open.url).username).toBe('');
  await as(open.url, makeStream);
  await open.stop();
});
