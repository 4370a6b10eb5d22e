// What the other services hear of the configuration, and that the bucket becomes like PostgreSQL whatever was missed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noticeSubjects, type ConfigurationEntry, type WebhookConfiguration } from '@postrider/contracts';
import { ConfigurationBucket, followConfiguration, Messaging } from '@postrider/messaging';
import { waitFor } from '@postrider/test-kit';
import { Reconciler } from '../src/publish/reconciler.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let listener: Messaging;
let bucket: ConfigurationBucket;
const heard: ConfigurationEntry[] = [];
beforeAll(async () => {
  api = await startApi();
  listener = await Messaging.open({ natsUrl: api.nats.url, name: 'listener', onStatus: () => undefined });
  bucket = new ConfigurationBucket(listener);
  followConfiguration(
    listener,
    (entry) => heard.push(entry),
    (key) => {
      throw new Error(`an entry that does not parse: ${key}`);
    },
  );
  await listener.flush();
});
afterAll(async () => {
  await listener.close();
  await api.stop();
});

/** What is heard is stored by then, but may be on its way to this listener. */
async function hears(id: string, expected: object): Promise<void> {
  await waitFor('the entry to be heard', () => {
    expect(lastOf(id)).toMatchObject(expected);
    return true;
  });
}

function lastOf(id: string): WebhookConfiguration | undefined {
  return heard
    .flatMap((entry) => (entry.kind === 'webhook' && entry.value.Id === id ? [entry.value] : []))
    .at(-1);
}

test('by the time of the answer the entry stands in the bucket, and every change follows', async () => {
  const org = await api.organization();
  expect((await bucket.versions()).has(`organizations.${org}`)).toBe(true);
  const webhook = await api.webhook(org, { Alias: 'one', Authorization: 'Bearer canary-authorization' });
  const key = `webhooks.${org}.${webhook.Id}`;
  const first = (await bucket.versions()).get(key) ?? -1;
  expect(first).toBeGreaterThan(0);
  const path = `/v1/organizations/${org}/webhooks/${webhook.Id}`;
  await hears(webhook.Id, {
    Id: webhook.Id,
    OrganizationId: org,
    Alias: 'one',
    State: 'enabled',
    SecretVersion: 1,
    Deleted: false,
    Version: first,
  });
  const steps: [() => Promise<unknown>, object][] = [
    [() => api.call('patch', path).send({ Alias: 'two' }).expect(200), { Alias: 'two' }],
    [() => api.call('post', `${path}/pause`).expect(200), { State: 'paused' }],
    [() => api.call('post', `${path}/resume`).expect(200), { State: 'enabled' }],
    [() => api.call('post', `${path}/rotate-secret`).expect(200), { SecretVersion: 2 }],
    [() => api.call('delete', path).expect(204), { Deleted: true }],
  ];
  let version = first;
  for (const [step, expected] of steps) {
    await step();
    await hears(webhook.Id, expected);
    const next = (await bucket.versions()).get(key) ?? -1;
    expect(next).toBeGreaterThan(version);
    version = next;
  }
  const text = JSON.stringify(heard);
  expect(text).not.toContain('canary-authorization');
  expect(text).not.toContain('whsec_');
  await api.call('delete', `/v1/organizations/${org}`).expect(204);
  await waitFor('the end of the organization', () =>
    heard.some((entry) => entry.kind === 'organization' && entry.value.Id === org && entry.value.Deleted),
  );
});

test('topics are published, and so is their removal', async () => {
  const ofTopic = () =>
    heard.filter((entry) => entry.kind === 'topic' && entry.value.Name === 'a.topic').map((e) => e.value);
  await api
    .call('post', '/v1/topics')
    .send({ Name: 'a.topic', Schema: { type: 'object' } })
    .expect(201);
  await waitFor('the topic', () => ofTopic().at(-1)?.Deleted === false);
  expect(ofTopic().at(-1)).toMatchObject({ Schema: { type: 'object' } });
  await api.call('delete', '/v1/topics/a.topic').expect(204);
  await waitFor('its end', () => ofTopic().at(-1)?.Deleted === true);
});

test('the seeded topics and what was changed behind our back get there by comparing', async () => {
  await waitFor('the first comparison', async () => (await bucket.versions()).has('topics.webhook.ping'));
  const org = await api.organization();
  const { Id } = await api.webhook(org);
  await api.database.query(
    `UPDATE webhooks SET alias = 'behind', version = nextval('config_version'), updated_at = now_ms() WHERE id = $1`,
    [Id],
  );
  await api.app.get(Reconciler).run();
  await hears(Id, { Alias: 'behind' });
  const put = heard.length;
  await api.app.get(Reconciler).run();
  await listener.flush();
  expect(heard.length).toBe(put);
});

test('the dispatcher tells that it has disabled a webhook, and everybody hears', async () => {
  const org = await api.organization();
  const { Id } = await api.webhook(org);
  await api.database.query(
    `UPDATE webhooks SET state = 'disabled', disabled_reason = 'gone', version = nextval('config_version'), updated_at = now_ms()
     WHERE id = $1`,
    [Id],
  );
  listener.publish(noticeSubjects.webhookDisabled, 'no JSON');
  listener.publish(noticeSubjects.webhookDisabled, JSON.stringify({ OrganizationId: org, WebhookId: Id }));
  await waitFor('the entry', () => lastOf(Id)?.State === 'disabled');
});

test('a bucket that has lost its store is filled again, and entries of nobody go', async () => {
  const org = await api.organization();
  const { Id } = await api.webhook(org);
  const gone = await api.webhook(org);
  await api.call('delete', `/v1/organizations/${org}/webhooks/${gone.Id}`).expect(204);
  await hears(Id, { Id });
  await api.nats.wipeStore();

  // Without NATS: changes are committed and answered.
  const changed = await api
    .call('patch', `/v1/organizations/${org}/webhooks/${Id}`)
    .send({ Alias: 'meanwhile' });
  expect(changed.status).toBe(200);
  const rows = await api.database.query<{ version: string }>('SELECT version FROM webhooks WHERE id = $1', [
    Id,
  ]);
  await api.nats.restart();
  // The bucket, not what the listener heard: its own connection may be back later than that of the api.
  const versions = await waitFor('the bucket', async () => {
    const seen = await bucket.versions();
    const isCurrent = seen.get(`webhooks.${org}.${Id}`) === Number(rows[0]?.version);
    return isCurrent && seen.has(`organizations.${org}`) ? seen : null;
  });
  expect(versions.has(`webhooks.${org}.${gone.Id}`)).toBe(true);

  // A tombstone of days ago, and an entry whose row is gone.
  await api.database.query('UPDATE webhooks SET updated_at = updated_at - 200000000 WHERE id = $1', [
    gone.Id,
  ]);
  const entry = lastOf(Id);
  if (entry === undefined) throw new Error('the entry was seen a moment ago');
  await bucket.put({ kind: 'webhook', value: { ...entry, Id: org } });
  const reconciler = api.app.get(Reconciler);
  await waitFor('the full comparison', async () => {
    reconciler.compareAllNext();
    await reconciler.run();
    const seen = await bucket.versions();
    return !seen.has(`webhooks.${org}.${gone.Id}`) && !seen.has(`webhooks.${org}.${org}`);
  });
  expect((await bucket.versions()).has(`webhooks.${org}.${Id}`)).toBe(true);
});
