import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { eventsStream, eventSubject, laneStream, laneSubject } from '@postrider/contracts';
import { startNats, waitFor, type TestNats } from '@postrider/test-kit';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Messaging } from '../src/connection.js';
import type { PullConsumer, PullOptions } from '../src/pull-consumer.js';
import { EventPublisher } from '../src/publisher.js';
import { collectingConsumer, openMessaging, organization, streamState, text, topic } from './support.js';

let nats: TestNats;
let messaging: Messaging;
let publisher: EventPublisher;
const consumers: PullConsumer[] = [];

beforeEach(async () => {
  nats = await startNats();
  messaging = await openMessaging(nats);
  publisher = await EventPublisher.connect(nats.url);
});
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
  await Promise.all([messaging.close(), publisher.close()]);
  await nats.stop();
});

function start(options: Partial<PullOptions> = {}, on: Messaging = messaging) {
  const { consumer, collected } = collectingConsumer(on, options);
  consumers.push(consumer);
  consumer.start();
  return { consumer, ...collected };
}

/** Publishes n events once the stream is there; each text is its own. */
async function publish(n: number, from = 0): Promise<string[]> {
  await waitFor('the stream', () => streamState(messaging, 'events'));
  await waitFor('the publisher', () => publisher.isConnected);
  const texts = Array.from({ length: n }, (_, index) => `event ${from + index}`);
  await Promise.all(texts.map((event) => publisher.publish(organization, topic, event)));
  return texts;
}

const inOrder = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
const settled = () =>
  waitFor('all of it to be acknowledged', async () => {
    const { messages, unacknowledged } = await streamState(messaging, 'events');
    return messages === 0 && unacknowledged === 0;
  });

test('a request whose end meets a message holds nothing up', async () => {
  const waits: number[] = [];
  start({
    expiresMs: 50,
    onBatch: (batch) => {
      const now = Date.now();
      waits.push(...batch.map((message) => now - Number(text(message))));
      return Promise.resolve();
    },
  });
  await publish(1);
  await settled();
  waits.length = 0;
  const endAt = Date.now() + 3_000;
  let sent = 0;
  // A message at about every moment of a request's life.
  for (; Date.now() < endAt; sent += 1) {
    await publisher.publish(organization, topic, String(Date.now()));
    await new Promise((resolve) => setTimeout(resolve, (sent % 7) + 1));
  }
  await waitFor('all of it', () => waits.length >= sent);
  // Where such a request was waited for, what came after it waited for two seconds.
  expect(Math.max(...waits)).toBeLessThan(1_500);
});

test('every message arrives once, in batches, and is acknowledged', async () => {
  const consumer = start({ maxBatch: 50 });
  const sent = await publish(1_000);
  await waitFor('all of it', () => consumer.messages.length >= 1_000);
  await settled();
  expect(consumer.texts().sort()).toEqual(sent.sort());
  expect(Math.max(...consumer.batches.map((batch) => batch.length))).toBeLessThanOrEqual(50);
  expect(consumer.batches.length).toBeLessThan(1_000);
  expect(consumer.errors).toEqual([]);
});

test('a message comes with its subject, its headers by lower-case name, and its Nats-Msg-Id', async () => {
  const consumer = start();
  await publish(0);
  const sent = headers();
  sent.set('X-Trace', 'abc');
  await jetstream(messaging.nats).publish(eventSubject(organization, topic), 'with', {
    headers: sent,
    msgID: 'evt_1',
  });
  await jetstream(messaging.nats).publish(eventSubject(organization, topic), 'without');
  await waitFor('both', () => consumer.messages.length === 2);
  const [first, second] = consumer.messages;
  expect(first).toMatchObject({
    subject: `postrider.events.v1.${organization}.${topic}`,
    messageId: 'evt_1',
  });
  expect(first?.headers?.get('x-trace')).toBe('abc');
  expect(second).toMatchObject({ messageId: null, headers: null });
});

describe('a batch that fails', () => {
  test('comes again whole, and nothing else is lost', async () => {
    let failures = 0;
    const consumer = start({
      onBatch: async (batch) => {
        if (batch.some((message) => text(message) === 'event 7') && failures < 2) {
          failures += 1;
          throw new Error('the database is away');
        }
      },
    });
    const sent = await publish(300);
    await waitFor('all of it', () => inOrder(consumer.texts()).length === 300);
    await settled();
    expect(failures).toBe(2);
    expect(inOrder(consumer.texts())).toEqual(inOrder(sent));
    expect(consumer.errors.length).toBe(2);
  });

  test('may fail by throwing at once: the consumer lives on', async () => {
    let failed = false;
    const consumer = start({
      onBatch: () => {
        if (failed) return Promise.resolve();
        failed = true;
        throw new TypeError('no promise at all');
      },
    });
    const sent = await publish(20);
    await waitFor('all of it', () => inOrder(consumer.texts()).length === 20);
    expect(inOrder(consumer.texts())).toEqual(inOrder(sent));
  });
});

describe('it goes on by itself', () => {
  test('after its consumer was deleted', async () => {
    const consumer = start();
    await publish(10);
    await waitFor('the first', () => consumer.messages.length === 10);
    const manager = await jetstreamManager(messaging.nats);
    await manager.consumers.delete(eventsStream, 'event-ingest');
    await waitFor('the consumer to be made anew', () => streamState(messaging, 'events'));
    const sent = await publish(10, 10);
    await waitFor('the second', () => sent.every((event) => consumer.texts().includes(event)));
  });

  test('after its stream was deleted', async () => {
    const consumer = start();
    await publish(10);
    await waitFor('the first', () => consumer.messages.length === 10);
    await (await jetstreamManager(messaging.nats)).streams.delete(eventsStream);
    const sent = await publish(10, 10);
    await waitFor('the second', () => sent.every((event) => consumer.texts().includes(event)));
  });

  test('after NATS was killed and came back, with what was not acknowledged', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const consumer = start({ onBatch: () => held });
    const sent = await publish(10);
    await waitFor(
      'them to be handed out',
      async () => (await streamState(messaging, 'events')).unacknowledged > 0,
    );
    await nats.kill();
    await waitFor('the loss to be noticed', () => !messaging.isConnected);
    release();
    await nats.restart();
    const more = await publish(10, 10);
    await waitFor('the new ones', () => more.every((event) => consumer.texts().includes(event)));
    // Those whose acknowledgement was lost come again after the ack wait: at least once, never less.
    expect(sent.every((event) => consumer.texts().includes(event))).toBe(true);
  });

  test('after the store of NATS was wiped', async () => {
    const consumer = start();
    const lane = start({ stream: 'lane' });
    await publish(10);
    await waitFor('the first', () => consumer.messages.length === 10);
    await nats.wipeStore();
    await nats.restart();
    const sent = await publish(10, 10);
    await waitFor('the second', () => sent.every((event) => consumer.texts().includes(event)));
    await waitFor('the lane to be there', () => streamState(messaging, 'lane'));
    messaging.publish(laneSubject, 'after the wipe');
    await waitFor('the lane', () => lane.texts().includes('after the wipe'));
  });

  test('when it was started before NATS', async () => {
    await nats.stop();
    const late = collectingConsumer(messaging);
    consumers.push(late.consumer);
    late.consumer.start();
    await nats.restart();
    const sent = await publish(5);
    await waitFor('all', () => late.collected.messages.length === 5);
    expect(late.collected.texts().sort()).toEqual(sent);
  });
});

test('what is handled slowly is not taken in faster: outstanding and parallel are bounded', async () => {
  let running = 0;
  let most = 0;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const consumer = start({
    maxBatch: 10,
    maxOutstanding: 40,
    parallel: 3,
    onBatch: async () => {
      running += 1;
      most = Math.max(most, running);
      await held;
      running -= 1;
    },
  });
  await publish(500);
  await waitFor('three batches', () => running === 3);
  await waitFor('it to take in what it may', async () => {
    const { unacknowledged } = await streamState(messaging, 'events');
    return unacknowledged === 40;
  });
  // It asks for no more, for as long as it is busy: the server has no request of it.
  const { unacknowledged, waiting } = await streamState(messaging, 'events');
  expect({ unacknowledged, waiting }).toEqual({ unacknowledged: 40, waiting: 0 });
  release();
  await waitFor('all of it', () => consumer.messages.length === 500);
  expect(most).toBe(3);
});

test('what takes longer than the ack wait is not handed out twice; what its consumer died with comes again in seconds', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const dying = await openMessaging(nats, 'dying');
  const first = start({ maxBatch: 10, parallel: 1, onBatch: () => held }, dying);
  const sent = await publish(30);
  await waitFor(
    'all to be handed out',
    async () => (await streamState(messaging, 'events')).unacknowledged === 30,
  );
  const second = start();
  // Longer than the ack wait of 6 s.
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  expect(second.messages).toEqual([]);
  // As with a killed process: no word to anybody.
  await dying.close();
  await waitFor('them to come again', () => inOrder(second.texts()).length === 30, { timeoutMs: 20_000 });
  expect(inOrder(second.texts())).toEqual(inOrder(sent));
  await settled();
  expect(first.messages).toEqual([]);
  release();
});

test('a consumer of an earlier release is brought over', async () => {
  await waitFor('a connection', () => messaging.isConnected);
  const manager = await jetstreamManager(messaging.nats);
  const early = start();
  await waitFor('the consumer', () => streamState(messaging, 'events'));
  await early.consumer.stop();
  const { config } = await manager.consumers.info(eventsStream, 'event-ingest');
  await manager.consumers.update(eventsStream, 'event-ingest', { ack_wait: 30_000_000_000 });
  start();
  await waitFor('the new ack wait', async () => {
    const info = await manager.consumers.info(eventsStream, 'event-ingest');
    return info.config.ack_wait === config.ack_wait;
  });
});

test('a message longer than a request may bring comes alone, and those behind it come too', async () => {
  const consumer = start({ maxBytes: 2_000 });
  await publish(3);
  await publisher.publish(organization, topic, 'x'.repeat(50_000));
  const sent = await publish(3, 3);
  await waitFor('the long one', () => consumer.texts().some((event) => event.length === 50_000));
  await waitFor('the others', () => sent.every((event) => consumer.texts().includes(event)));
  await settled();
});

describe('stopping', () => {
  test('loses nothing: what was not begun goes to another at once, what was begun is acknowledged', async () => {
    const first = start({
      maxBatch: 5,
      parallel: 1,
      onBatch: () => new Promise((resolve) => setTimeout(resolve, 2)),
    });
    const sent = await publish(400);
    await waitFor('some of it', () => first.messages.length > 20);
    await first.consumer.stop();
    const handled = first.messages.length;
    expect(handled).toBeLessThan(400);
    const other = await openMessaging(nats, 'other');
    const second = start({}, other);
    // Before the ack wait of 6 s, after which forgotten ones would come again.
    await waitFor('the rest', () => handled + second.messages.length >= 400, { timeoutMs: 5_000 });
    await settled();
    expect([...first.texts(), ...second.texts()].sort()).toEqual([...sent].sort());
    expect(first.messages.length).toBe(handled);
    await second.consumer.stop();
    await other.close();
  });

  test('on the lane, which takes nothing back, handles what has come', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const lane = start({ stream: 'lane', maxBatch: 4, maxOutstanding: 40, parallel: 1, onBatch: () => held });
    await waitFor('the lane', () => streamState(messaging, 'lane'));
    for (let index = 0; index < 40; index += 1) messaging.publish(laneSubject, `delivery ${index}`);
    const manager = await jetstreamManager(messaging.nats);
    await waitFor('all to be handed out', async () => {
      const info = await manager.consumers.info(laneStream, 'dispatcher');
      return info.delivered.consumer_seq === 40;
    });
    const stopped = lane.consumer.stop();
    release();
    await stopped;
    expect(lane.messages.length).toBe(40);
  });

  test('while it is still preparing leaves nothing behind', async () => {
    const { consumer } = start();
    await consumer.stop();
    await publish(5);
    await waitFor('nobody to ask', async () => (await streamState(messaging, 'events')).waiting === 0);
    expect((await streamState(messaging, 'events')).messages).toBe(5);
  });
});

test('the lane wants no acknowledgements and gets none', async () => {
  const lane = start({ stream: 'lane' });
  await waitFor('the lane', () => streamState(messaging, 'lane'));
  const heard: string[] = [];
  messaging.subscribe('$JS.ACK.>', (message) => heard.push(message.subject));
  for (let index = 0; index < 10; index += 1) messaging.publish(laneSubject, `delivery ${index}`);
  await waitFor('all of it', () => lane.messages.length === 10);
  await messaging.flush();
  expect(heard).toEqual([]);
  expect(lane.messages[0]?.reply).toBe('');
});
