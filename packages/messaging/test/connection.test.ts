import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startNats, waitFor, type TestNats } from '@postrider/test-kit';
import { connectionOptions, Messaging, type MessagingStatus } from '../src/connection.js';
import { MessagingAwayError } from '../src/errors.js';

let nats: TestNats;
const open: Messaging[] = [];

beforeEach(async () => {
  nats = await startNats({ users: true });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((messaging) => messaging.close()));
  await nats.stop();
});

async function connect(natsUrl = nats.url, waitMs = 5_000) {
  const statuses: MessagingStatus[] = [];
  const messaging = await Messaging.open(
    { natsUrl, name: 'test', onStatus: (status) => statuses.push(status) },
    waitMs,
  );
  open.push(messaging);
  return { messaging, statuses, types: () => statuses.map(({ type }) => type) };
}

test('subscriptions outlive NATS: killed and started again, messages arrive', async () => {
  const { messaging, types } = await connect();
  const heard: string[] = [];
  messaging.subscribe('things.>', (message) => heard.push(message.string()));
  let connects = 0;
  messaging.onConnected(() => (connects += 1));
  await messaging.flush();
  messaging.publish('things.a', 'before');
  await waitFor('the first', () => heard.includes('before'));

  await nats.kill();
  await waitFor('the loss to be noticed', () => !messaging.isConnected);
  expect(messaging.publish('things.a', 'lost')).toBe(false);
  await expect(messaging.request('things.ask', '', 5_000)).rejects.toBeInstanceOf(MessagingAwayError);
  await messaging.flush();

  await nats.restart();
  await waitFor('NATS to be back', () => messaging.isConnected);
  expect(messaging.publish('things.a', 'after')).toBe(true);
  await waitFor('the last', () => heard.includes('after'));
  expect(heard).toEqual(['before', 'after']);
  expect(types().filter((type) => type !== 'error')).toEqual(['connected', 'disconnected', 'reconnected']);
  expect(connects).toBe(2);
});

test('a handler that throws is told of, and hears the next message', async () => {
  const { messaging, statuses } = await connect();
  const heard: string[] = [];
  messaging.subscribe('things', (message) => {
    heard.push(message.string());
    if (message.string() === 'bad') throw new Error('cannot read that');
  });
  const other = (await connect()).messaging;
  await messaging.flush();
  for (const payload of ['bad', 'good', 'bad', 'good']) other.publish('things', payload);
  await waitFor('all of them', () => heard.length === 4);
  expect(await messaging.request('things.nobody', '', 500).catch((error: unknown) => error)).toBeInstanceOf(
    MessagingAwayError,
  );
  expect(statuses).toContainEqual({
    type: 'error',
    message: 'the handler of things failed: cannot read that',
  });
});

describe('a start without NATS', () => {
  test('goes on after the wait, and connects when NATS is there', async () => {
    await nats.stop();
    const started = performance.now();
    const { messaging, statuses } = await connect(nats.url, 300);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(messaging.isConnected).toBe(false);
    expect(() => messaging.nats).toThrow(MessagingAwayError);
    expect(messaging.publish('things', '')).toBe(false);
    const heard: string[] = [];
    messaging.subscribe('things', (message) => heard.push(message.string()));
    await nats.restart();
    await waitFor('the connection', () => messaging.isConnected);
    messaging.publish('things', 'hello');
    await waitFor('the message', () => heard.includes('hello'));
    // Each reason once in a row, whatever the number of tries.
    expect(statuses.filter(({ type }) => type === 'error').length).toBeLessThanOrEqual(2);
  });

  test('ends when it is closed', async () => {
    await nats.stop();
    const { messaging, types } = await connect(nats.url, 100);
    await messaging.close();
    await nats.restart();
    const other = await connect();
    const request = await other.messaging.request('$SYS.REQ.USER.INFO', '', 1_000).catch(() => null);
    expect(request).not.toBeUndefined();
    expect(messaging.isConnected).toBe(false);
    expect(types()).not.toContain('connected');
  });
});

test('a wrong password is told', async () => {
  const wrong = nats.urlFor('signer').replace('test-signer', 'wrong');
  const { messaging, statuses } = await connect(wrong, 1_000);
  expect(messaging.isConnected).toBe(false);
  expect(statuses.some((status) => status.type === 'error' && /authori[sz]ation/i.test(status.message))).toBe(
    true,
  );
});

test('an address that is none is refused at once, and not shown with its password', async () => {
  await expect(connect('nats//user:geheim@host')).rejects.toThrow(/NATS_URL/);
  await expect(connect('nats//user:geheim@host')).rejects.not.toThrow(/geheim/);
});

test('credentials and inboxes come from the URL: a service hears its answers where no other user may listen', () => {
  expect(connectionOptions('nats://signer:p%40ss@a:4222, nats://signer:p%40ss@b:4223', 'x')).toMatchObject({
    servers: ['a:4222', 'b:4223'],
    user: 'signer',
    pass: 'p@ss',
    inboxPrefix: '_SVC.signer',
  });
  expect(connectionOptions('nats://publisher:p@a:4222', 'x').inboxPrefix).toBe('_INBOX');
  expect(connectionOptions('nats://a:4222', 'x')).not.toHaveProperty('user');
});
