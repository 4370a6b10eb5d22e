import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ConfigurationEntry } from '@postrider/contracts';
import { startNats, waitFor, type TestNats } from '@postrider/test-kit';
import { ConfigurationBucket, followConfiguration } from '../src/configuration-feed.js';
import { Messaging } from '../src/connection.js';

let nats: TestNats;
let writer: Messaging;
let reader: Messaging;
let admin: Messaging;
let bucket: ConfigurationBucket;
const heard: ConfigurationEntry[] = [];
const invalid: string[] = [];

const open = (natsUrl: string) => Messaging.open({ natsUrl, name: 'test', onStatus: () => undefined });

beforeAll(async () => {
  nats = await startNats({ users: true });
  writer = await open(nats.urlFor('config_api'));
  reader = await open(nats.urlFor('event_ingest'));
  admin = await open(nats.url);
  followConfiguration(
    reader,
    (entry) => heard.push(entry),
    (key) => invalid.push(key),
  );
  await reader.flush();
});
beforeEach(async () => {
  await deleteBucket().catch(() => undefined);
  heard.length = 0;
  invalid.length = 0;
  bucket = new ConfigurationBucket(writer);
});
afterAll(async () => {
  await Promise.all([writer.close(), reader.close(), admin.close()]);
  await nats.stop();
});

async function deleteBucket(): Promise<void> {
  await (await jetstreamManager(admin.nats)).streams.delete('KV_configuration');
}

const everybodyIsBack = () =>
  waitFor('NATS to be back', () => [writer, reader, admin].every(({ isConnected }) => isConnected));

const organization = (n: number, version: number, deleted = false): ConfigurationEntry => ({
  kind: 'organization',
  value: { Id: `0192f0c1-7a3b-7c4d-8e5f-00000000000${n}`, Deleted: deleted, Version: version },
});
const topicEntry: ConfigurationEntry = {
  kind: 'topic',
  value: {
    Name: 'job.execution.failed',
    Schema: { type: 'object' },
    EnforceSchema: false,
    Deleted: false,
    Version: 9,
  },
};

test('what is put is heard at once by who follows, tombstones too', async () => {
  const entries = [organization(1, 1), topicEntry, organization(1, 10, true)];
  for (const entry of entries) await bucket.put(entry);
  await waitFor('all of it', () => heard.length === 3);
  expect(heard).toEqual(entries);
  expect(invalid).toEqual([]);
});

test('what does not parse is told by its key, and the next is heard', async () => {
  for (const [key, value] of [
    ['organizations.x', 'no JSON'],
    ['organizations.y', '{"Id":"no uuid"}'],
    ['strange.z', '{}'],
  ]) {
    admin.publish(`$KV.configuration.${key}`, value ?? '');
  }
  await admin.flush();
  await bucket.put(organization(1, 1));
  await waitFor('the good one', () => heard.length === 1);
  expect(invalid).toEqual(['organizations.x', 'organizations.y', 'strange.z']);
});

test('the bucket tells the version of each key; the last put counts', async () => {
  expect(await bucket.versions()).toEqual(new Map());
  await bucket.put(organization(1, 1));
  await bucket.put(organization(2, 2));
  await bucket.put(organization(1, 3, true));
  await bucket.put(topicEntry);
  expect([...(await bucket.versions())].sort()).toEqual([
    ['organizations.0192f0c1-7a3b-7c4d-8e5f-000000000001', 3],
    ['organizations.0192f0c1-7a3b-7c4d-8e5f-000000000002', 2],
    ['topics.job.execution.failed', 9],
  ]);
});

test('what was purged is in it no more, also when it was the last, or all there was', async () => {
  await bucket.put(organization(1, 1));
  await bucket.put(organization(2, 2));
  await bucket.purge('organizations.0192f0c1-7a3b-7c4d-8e5f-000000000002');
  expect([...(await bucket.versions()).keys()]).toEqual([
    'organizations.0192f0c1-7a3b-7c4d-8e5f-000000000001',
  ]);
  await bucket.purge('organizations.0192f0c1-7a3b-7c4d-8e5f-000000000001');
  expect(await bucket.versions()).toEqual(new Map());
  await reader.flush();
  expect(heard.length).toBe(2);
});

test('many entries are told, whatever their number', async () => {
  for (let n = 0; n < 300; n += 1)
    await bucket.put({ ...topicEntry, value: { ...topicEntry.value, Name: `a.${n}` } });
  expect((await bucket.versions()).size).toBe(300);
});

test('after NATS has lost its store the bucket is made anew, and followers hear what is put', async () => {
  await bucket.put(organization(1, 1));
  await nats.wipeStore();
  await nats.restart();
  await everybodyIsBack();
  expect(await bucket.versions()).toEqual(new Map());
  await bucket.put(organization(1, 1));
  await waitFor('it to be heard again', () => heard.length === 2);
  expect((await bucket.versions()).size).toBe(1);
});

test('after the bucket was deleted under it, a put makes it anew', async () => {
  await bucket.put(organization(1, 1));
  await deleteBucket();
  await bucket.put(organization(1, 2));
  expect([...(await bucket.versions()).values()]).toEqual([2]);
});

test('while NATS is away, putting and asking fail at once, and work again after', async () => {
  await bucket.put(organization(1, 1));
  await nats.kill();
  await waitFor('the loss to be noticed', () => !writer.isConnected);
  const started = performance.now();
  await expect(bucket.put(organization(1, 2))).rejects.toThrow();
  await expect(bucket.versions()).rejects.toThrow();
  expect(performance.now() - started).toBeLessThan(1_000);
  await nats.restart();
  await everybodyIsBack();
  await bucket.put(organization(1, 2));
  expect([...(await bucket.versions()).values()]).toEqual([2]);
});
