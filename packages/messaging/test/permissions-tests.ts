// Each NATS user on a server: what its service needs it may, the rest it may not.
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { laneSubject, noticeSubjects, requestSubjects, type ConfigurationEntry } from '@postrider/contracts';
import { waitFor, type TestNats } from '@postrider/test-kit';
import { ConfigurationBucket, followConfiguration } from '../src/configuration-feed.js';
import { Messaging } from '../src/connection.js';
import { EventPublisher } from '../src/publisher.js';
import { consumerLag, ensureConsumer, ensureStream } from '../src/streams.js';
import { natsUsers, type NatsUser } from '../src/users.js';
import { may, subjects } from './permissions-tables.js';
import { WriteProbe } from '../src/write-probe.js';
import { collectingConsumer, organization, topic } from './support.js';

const entry: ConfigurationEntry = {
  kind: 'organization',
  value: { Id: organization, Deleted: false, Version: 1 },
};
const webhookNotice = JSON.stringify({ OrganizationId: organization, WebhookId: organization });

/** Tries every user on the server that `start` starts. */
export function tryUsers(start: () => Promise<TestNats>): void {
  let nats: TestNats;
  let users: Record<NatsUser, Messaging>;
  let refused: string[] = [];

  beforeAll(async () => {
    nats = await start();
    const entries = natsUsers.map(async (user) => {
      const onStatus = (status: { type: string; message?: string }) => {
        if (status.type === 'error') refused.push(`${user}: ${status.message}`);
      };
      return [user, await Messaging.open({ natsUrl: nats.urlFor(user), name: user, onStatus })] as const;
    });
    users = Object.fromEntries(await Promise.all(entries)) as Record<NatsUser, Messaging>;
  });
  afterAll(async () => {
    await Promise.all(Object.values(users).map((user) => user.close()));
    await nats.stop();
  });

  /** What the server has refused this user, in its own words, while `attempt` was made. */
  async function refusals(user: NatsUser, attempt: (messaging: Messaging) => unknown): Promise<string[]> {
    refused = [];
    await attempt(users[user]);
    await users[user].flush();
    // The server says no before it answers the flush; the line passes through an iterator of the client.
    await new Promise((resolve) => setImmediate(resolve));
    return refused.filter((line) => line.startsWith(`${user}: `));
  }

  describe('each service may do its work on a server that has nothing yet', () => {
    test('event-ingest makes both streams and its consumer, takes events, hands them on', async () => {
      const { consumer, collected } = collectingConsumer(users.event_ingest);
      const lines = await refusals('event_ingest', async (messaging) => {
        await ensureStream(messaging, 'events');
        await ensureConsumer(messaging, 'events');
        await ensureStream(messaging, 'lane');
        // Again, as at every start.
        await ensureStream(messaging, 'events');
        await ensureStream(messaging, 'lane');
        consumer.start();
        const publisher = await EventPublisher.connect(nats.urlFor('publisher'));
        await publisher.publish(organization, topic, '{}', 'evt_1');
        await publisher.close();
        await waitFor('the event', () => collected.messages.length === 1);
        messaging.publish(laneSubject, 'deliveries');
        await waitFor('it to be acknowledged', async () => {
          const lag = await consumerLag(messaging, 'events');
          return lag.pending === 0 && lag.unacknowledged === 0;
        });
        await consumer.stop();
        expect(await new WriteProbe(messaging, () => undefined).trouble()).toBeNull();
      });
      expect(lines).toEqual([]);
      expect(collected.errors).toEqual([]);
    });

    test('dispatcher makes the lane and its consumer, takes deliveries, tells what it did', async () => {
      const { consumer, collected } = collectingConsumer(users.dispatcher, { stream: 'lane' });
      const lines = await refusals('dispatcher', async (messaging) => {
        await ensureStream(messaging, 'lane');
        await ensureConsumer(messaging, 'lane');
        consumer.start();
        users.event_ingest.publish(laneSubject, 'deliveries');
        await waitFor('the deliveries', () => collected.texts().includes('deliveries'));
        await consumerLag(messaging, 'lane');
        messaging.publish(noticeSubjects.webhookDisabled, webhookNotice);
        messaging.publish(noticeSubjects.deliveriesDue, '');
        messaging.publish(`${noticeSubjects.deliveriesChanged}.${organization}`, '{}');
        await consumer.stop();
      });
      expect(lines).toEqual([]);
      expect(collected.errors).toEqual([]);
    });

    test('config-api makes the bucket, puts, reads and purges; the others hear it', async () => {
      const heard: NatsUser[] = [];
      for (const user of ['event_ingest', 'dispatcher'] as const) {
        followConfiguration(
          users[user],
          () => heard.push(user),
          () => undefined,
        );
        await users[user].flush();
      }
      const lines = await refusals('config_api', async (messaging) => {
        const bucket = new ConfigurationBucket(messaging);
        await bucket.put(entry);
        expect((await bucket.versions()).size).toBe(1);
        await bucket.purge(`organizations.${organization}`);
        messaging.publish(noticeSubjects.apiKeyChanged, '{}');
        await consumerLag(messaging, 'events');
      });
      expect(lines).toEqual([]);
      await waitFor('both to hear it', () => heard.includes('event_ingest') && heard.includes('dispatcher'));
    });

    test.each<[NatsUser, keyof typeof requestSubjects, NatsUser]>([
      ['dispatcher', 'sign', 'signer'],
      ['config_api', 'createSecret', 'signer'],
      ['config_api', 'rotateSecret', 'signer'],
      ['config_api', 'setAuthorization', 'signer'],
      ['config_api', 'deleteSecrets', 'signer'],
      ['config_api', 'ping', 'event_ingest'],
      ['dispatcher', 'operationalEvent', 'event_ingest'],
      ['config_api', 'resend', 'dispatcher'],
      ['config_api', 'releaseHeld', 'dispatcher'],
      ['config_api', 'holdPending', 'dispatcher'],
      ['config_api', 'cancelPending', 'dispatcher'],
    ])('%s may ask %s of %s, and hears the answer', async (asker, request, answerer) => {
      const subject = requestSubjects[request];
      const subscription = users[answerer].nats.subscribe(subject, {
        queue: 'any',
        callback: (_, message) => void message.respond('answer'),
      });
      await users[answerer].flush();
      const answer = await users[asker].request(subject, 'question', 2_000);
      expect(Buffer.from(answer).toString()).toBe('answer');
      subscription.unsubscribe();
    });

    test.each<[NatsUser, string, NatsUser]>([
      ['signer', noticeSubjects.secretChanged, 'signer'],
      ['dispatcher', noticeSubjects.webhookDisabled, 'config_api'],
      ['dispatcher', noticeSubjects.deliveriesDue, 'dispatcher'],
      ['dispatcher', noticeSubjects.dispatcherAlive, 'dispatcher'],
      ['dispatcher', `${noticeSubjects.deliveriesChanged}.${organization}`, 'config_api'],
      ['config_api', noticeSubjects.apiKeyChanged, 'event_ingest'],
      ['config_api', noticeSubjects.statusAsked, 'config_api'],
      ['config_api', noticeSubjects.statusAsked, 'event_ingest'],
      ['config_api', noticeSubjects.statusAsked, 'dispatcher'],
      ['config_api', noticeSubjects.statusAsked, 'signer'],
    ])('%s may tell %s, and %s may hear it', async (teller, subject, hearer) => {
      let heard = 0;
      users[hearer].subscribe(subject, () => (heard += 1));
      await users[hearer].flush();
      users[teller].publish(subject, '{}');
      await waitFor('the notice', () => heard > 0);
    });
  });

  describe.each(natsUsers)('%s', (user) => {
    const publishes = subjects.publish.filter((subject) => !may[user].publish.includes(subject));
    const subscribes = subjects.subscribe.filter((subject) => !may[user].subscribe.includes(subject));

    test.each(publishes)('may not publish to %s', async (subject) => {
      const lines = await refusals(user, (messaging) => messaging.publish(subject, '{}'));
      expect(lines.join()).toMatch(/permission/i);
    });

    test.each(subscribes)('may not subscribe to %s', async (subject) => {
      const lines = await refusals(user, (messaging) => {
        messaging.nats.subscribe(subject, { callback: () => undefined });
      });
      expect(lines.join()).toMatch(/permission/i);
    });
  });

  test('of what a service needs, nothing is refused', async () => {
    for (const user of natsUsers) {
      for (const subject of may[user].subscribe) {
        const lines = await refusals(user, (messaging) => {
          messaging.nats.subscribe(subject, { callback: () => undefined }).unsubscribe();
        });
        expect(lines).toEqual([]);
      }
      for (const subject of may[user].publish) {
        expect(await refusals(user, (messaging) => messaging.publish(subject, ''))).toEqual([]);
      }
    }
  });

  test('a publisher can neither read events nor make streams, buckets or consumers', async () => {
    const { nats: connection } = users.publisher;
    const manager = await jetstreamManager(connection, { timeout: 300 });
    await expect(manager.streams.add({ name: 'MINE', subjects: ['mine'] })).rejects.toThrow();
    await expect(manager.streams.delete('EVENTS')).rejects.toThrow();
    await expect(manager.consumers.add('EVENTS', { durable_name: 'spy' })).rejects.toThrow();
    await expect(
      new Kvm(connection).create('mine', { storage: StorageType.Memory, timeout: 300 }),
    ).rejects.toThrow();
    await expect(
      jetstream(connection, { timeout: 300 }).publish('postrider.deliveries.v1', '{}', { retries: 1 }),
    ).rejects.toThrow();
  });
}
