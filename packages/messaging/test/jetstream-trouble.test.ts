// What JetStream does not do though the connection stands: serve a stream, or keep what it is given.
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventsStream, probeStream } from '@postrider/contracts';
import { startNats, waitFor, type TestNats } from '@postrider/test-kit';
import { Messaging } from '../src/connection.js';
import { natsPermissions } from '../src/permissions.js';
import { EventPublisher } from '../src/publisher.js';
import { ensureConsumer, ensureStream, streamTrouble } from '../src/streams.js';
import { WriteProbe } from '../src/write-probe.js';
import { openMessaging, organization, topic } from './support.js';

const beforeTheProbe = {
  publish: natsPermissions.event_ingest.publish.filter((subject) => !/probe/i.test(subject)),
  subscribe: ['_INBOX.>'],
};
let nats: TestNats;
let messaging: Messaging;
let forbidden: Error[];
let probe: WriteProbe;
beforeEach(async () => {
  nats = await startNats({
    users: true,
    moreUsers: { earlier: beforeTheProbe },
    storeBytes: 1_048_576,
  });
  messaging = await openMessaging(nats);
  forbidden = [];
  probe = new WriteProbe(messaging, (error) => forbidden.push(error));
  await ensureStream(messaging, 'events');
  await ensureConsumer(messaging, 'events');
});
afterEach(async () => {
  await messaging.close();
  await nats.stop();
});

const manager = () => jetstreamManager(messaging.nats, { checkAPI: false });

async function probeExists(): Promise<boolean> {
  return (await manager()).streams.info(probeStream).then(
    () => true,
    () => false,
  );
}

/** Until JetStream refuses it. */
async function fillStore(): Promise<void> {
  const publisher = await EventPublisher.connect(nats.url);
  const event = Buffer.alloc(65_536, 'x');
  const publishUntilRefused = async (): Promise<void> => {
    for (;;) await publisher.publish(organization, topic, event);
  };
  await expect(publishUntilRefused()).rejects.toThrow(/resource/);
  await publisher.close();
}

test('a stream that serves has none; one that is gone though the connection stands says so', async () => {
  expect(await streamTrouble(messaging, 'events')).toBeNull();
  await (await manager()).streams.delete(eventsStream);
  expect(messaging.isConnected).toBe(true);
  expect(await streamTrouble(messaging, 'events')).toMatch(/not found/);
});

test('a store without room is found by a write, while the stream answers as before, and forgotten when there is room', async () => {
  expect(await probe.trouble()).toBeNull();
  await fillStore();
  await waitFor('the write to be refused', async () => /resource/.test((await probe.trouble()) ?? ''));
  expect(await streamTrouble(messaging, 'events')).toBeNull();
  await (await manager()).streams.purge(eventsStream);
  await waitFor('a write to be kept', async () => (await probe.trouble()) === null);
});

test('however often it is asked, it writes once in a while, and keeps one message', async () => {
  await Promise.all(Array.from({ length: 50 }, () => probe.trouble()));
  const { state } = await (await manager()).streams.info(probeStream);
  expect(state).toMatchObject({ messages: 1, last_seq: 1 });
});

test('with its stream gone it makes it again', async () => {
  expect(await probe.trouble()).toBeNull();
  await (await manager()).streams.delete(probeStream);
  await waitFor(
    'it to be there again',
    async () => (await probe.trouble()) === null && (await probeExists()),
  );
});

test('a user who may not write it, as under the NATS configuration of an earlier release, finds nothing out, and says so once', async () => {
  const earlier = await Messaging.open({
    natsUrl: nats.urlFor('earlier'),
    name: 'earlier',
    onStatus: () => undefined,
  });
  const blind = new WriteProbe(earlier, (error) => forbidden.push(error));
  expect(await blind.trouble()).toBeNull();
  expect(await blind.trouble()).toBeNull();
  expect(forbidden).toHaveLength(1);
  await earlier.close();
});
