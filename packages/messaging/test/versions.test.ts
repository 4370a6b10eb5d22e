// Releases side by side, as during an upgrade: a new version of a message has a subject and a stream of its own, so that
// neither release gets to see what only the other can read, and nothing that was acknowledged is taken for poison.
import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventSubject, laneSubject, requestSubjects } from '@postrider/contracts';
import { startNats, waitFor, type TestNats } from '@postrider/test-kit';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Messaging } from '../src/connection.js';
import type { PullConsumer } from '../src/pull-consumer.js';
import { ensureStream, ensureConsumer } from '../src/streams.js';
import { collectingConsumer, openMessaging, organization, streamState, topic } from './support.js';

const next = (subject: string): string => subject.replace('.v1.', '.v2.').replace(/\.v1$/, '.v2');
const [events, nextEvents] = [eventSubject(organization, topic), next(eventSubject(organization, topic))];

let nats: TestNats;
let thisRelease: Messaging;
/** What the next release does, on the bare client: it is not written yet. */
let nextRelease: NatsConnection;
let consumer: PullConsumer;
let texts: () => string[];

beforeEach(async () => {
  nats = await startNats();
  thisRelease = await openMessaging(nats);
  nextRelease = await connect({ servers: `127.0.0.1:${nats.port}` });
  const collecting = collectingConsumer(thisRelease);
  ({ consumer } = collecting);
  ({ texts } = collecting.collected);
  consumer.start();
  await waitFor('the stream', () => streamState(thisRelease, 'events'));
});
afterEach(async () => {
  await consumer.stop();
  await Promise.all([thisRelease.close(), nextRelease.close()]);
  await nats.stop();
});

const addNextStream = async (): Promise<void> => {
  const manager = await jetstreamManager(nextRelease);
  const stream = 'EVENTS_V2';
  await manager.streams.add({
    name: stream,
    subjects: ['postrider.events.v2.>'],
    retention: RetentionPolicy.Workqueue,
  });
  await manager.consumers.add(stream, { durable_name: 'event-ingest', ack_policy: AckPolicy.Explicit });
};

test('without a release that takes the next version, its events are not acknowledged', async () => {
  await expect(jetstream(nextRelease).publish(nextEvents, 'v2', { timeout: 2_000 })).rejects.toThrow();
  await jetstream(nextRelease).publish(events, 'v1');
  await waitFor('the event of this version', () => texts().includes('v1'));
  expect(texts()).toEqual(['v1']);
});

test('each release gets its own version, also while the older one starts anew', async () => {
  await addNextStream();
  const publisher = jetstream(nextRelease);
  const sent = Array.from({ length: 20 }, (_, n) => n);
  await Promise.all(
    sent.flatMap((n) => [publisher.publish(events, `v1 ${n}`), publisher.publish(nextEvents, `v2 ${n}`)]),
  );
  await ensureStream(thisRelease, 'events');
  await ensureConsumer(thisRelease, 'events');
  await waitFor('the events of this version', () => texts().length >= 20);
  expect([...texts()].sort()).toEqual(sent.map((n) => `v1 ${n}`).sort());
  const waiting = await (
    await publisher.consumers.get('EVENTS_V2', 'event-ingest')
  ).fetch({
    max_messages: 20,
    expires: 10_000,
  });
  const received: string[] = [];
  for await (const message of waiting) {
    received.push(message.string());
    message.ack();
  }
  expect(received.sort()).toEqual(sent.map((n) => `v2 ${n}`).sort());
});

test('on the lane the next version reaches nobody of this release: its deliveries come due by their lease', async () => {
  const lane = collectingConsumer(thisRelease, { stream: 'lane' });
  lane.consumer.start();
  try {
    await waitFor('the lane', () => streamState(thisRelease, 'lane'));
    nextRelease.publish(next(laneSubject), 'v2');
    nextRelease.publish(laneSubject, 'v1');
    await waitFor('what this release reads', () => lane.collected.texts().length > 0);
    expect(lane.collected.texts()).toEqual(['v1']);
    expect((await streamState(thisRelease, 'lane')).messages).toBe(1);
  } finally {
    await lane.consumer.stop();
  }
});

test('a request of the next version is refused at once, rather than waited for', async () => {
  const askedAt = performance.now();
  await expect(thisRelease.request(next(requestSubjects.resend), '{}', 20_000)).rejects.toThrow();
  expect(performance.now() - askedAt).toBeLessThan(10_000);
});
