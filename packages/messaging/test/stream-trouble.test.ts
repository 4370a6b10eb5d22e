import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventsStream } from '@postrider/contracts';
import { startNats, type TestNats } from '@postrider/test-kit';
import type { Messaging } from '../src/connection.js';
import { ensureConsumer, ensureStream, streamTrouble } from '../src/streams.js';
import { openMessaging } from './support.js';

let nats: TestNats;
let messaging: Messaging;
beforeEach(async () => {
  nats = await startNats();
  messaging = await openMessaging(nats);
});
afterEach(async () => {
  await messaging.close();
  await nats.stop();
});

test('a stream that serves has none; one that is gone though the connection stands says so', async () => {
  await ensureStream(messaging, 'events');
  await ensureConsumer(messaging, 'events');
  expect(await streamTrouble(messaging, 'events')).toBeNull();
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  await manager.streams.delete(eventsStream);
  expect(messaging.isConnected).toBe(true);
  expect(await streamTrouble(messaging, 'events')).toMatch(/not found/);
});
