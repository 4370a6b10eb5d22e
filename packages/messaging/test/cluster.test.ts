// Three NATS servers: what is on disk is on all of them, and a killed one takes nothing with it.
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configurationBucket, eventsStream, probeStream } from '@postrider/contracts';
import { startNatsCluster, waitFor, type TestNatsCluster } from '@postrider/test-kit';
import { Messaging } from '../src/connection.js';
import { ensureConsumer, ensureStream, openConfigurationBucket } from '../src/streams.js';
import { EventPublisher } from '../src/publisher.js';
import { WriteProbe } from '../src/write-probe.js';
import { collectingConsumer, organization, topic } from './support.js';

let cluster: TestNatsCluster;
let messaging: Messaging;
const open = (replicas?: number) =>
  Messaging.open({ natsUrl: cluster.url, name: 'test', replicas, onStatus: () => undefined });

/** While the servers choose a leader nothing is made and nothing is taken. */
const eventually = (what: string, attempt: () => Promise<unknown>) =>
  waitFor(what, () => attempt().then(() => true), { timeoutMs: 60_000 });

beforeAll(async () => {
  cluster = await startNatsCluster(3);
  messaging = await open(3);
  // Until the three have chosen a leader nothing is made.
  await eventually('the first stream', () => ensureStream(messaging, 'events'));
});
afterAll(async () => {
  await messaging.close();
  await cluster.stop();
});

const copiesOf = async (stream: string): Promise<number> => {
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  return (await manager.streams.info(stream)).config.num_replicas;
};

test('what is made is copied as often as was asked for, and who asks for nothing leaves it so', async () => {
  expect(await new WriteProbe(messaging, () => undefined).trouble()).toBeNull();
  await openConfigurationBucket(messaging);
  const kept = [eventsStream, probeStream, `KV_${configurationBucket}`];
  expect(await Promise.all(kept.map(copiesOf))).toEqual([3, 3, 3]);
  const unasked = await open();
  await ensureStream(unasked, 'events');
  await openConfigurationBucket(unasked);
  await unasked.close();
  expect(await Promise.all(kept.map(copiesOf))).toEqual([3, 3, 3]);
});

test('what was there with one copy gets more', async () => {
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  for (const stream of [eventsStream, `KV_${configurationBucket}`])
    await manager.streams.update(stream, { num_replicas: 1 });
  await eventually('the stream', () => ensureStream(messaging, 'events'));
  await eventually('the bucket', () => openConfigurationBucket(messaging));
  expect(await copiesOf(eventsStream)).toBe(3);
  expect(await copiesOf(`KV_${configurationBucket}`)).toBe(3);
});

test('a server that is killed takes no acknowledged event with it, and those that are left go on', async () => {
  await eventually('the consumer', () => ensureConsumer(messaging, 'events'));
  const publisher = await EventPublisher.connect(cluster.url);
  const acknowledged: string[] = [];
  // As a scheduler does: again, until it is acknowledged.
  const publish = (id: string) =>
    eventually('an event to be taken', async () => {
      await publisher.publish(organization, topic, id);
      acknowledged.push(id);
    });
  for (let number = 0; number < 50; number += 1) await publish(`before-${number}`);
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  const { cluster: where } = await manager.streams.info(eventsStream);
  const leader = cluster.servers.get(where?.leader ?? '');
  expect(leader).toBeDefined();
  await leader?.kill();
  for (let number = 0; number < 20; number += 1) await publish(`after-${number}`);
  await publisher.close();
  const { consumer, collected } = collectingConsumer(messaging);
  consumer.start();
  await waitFor('all events', () => acknowledged.every((id) => collected.texts().includes(id)));
  await consumer.stop();
});
