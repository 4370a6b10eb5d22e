import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { askJson, Messaging } from '@postrider/messaging';
import { waitFor } from '@postrider/test-kit';
import { Ingest } from './ingest.js';

let ingest: Ingest;
/** The dispatcher's connection, with its rights. */
let asker: Messaging;
let about: string;
const subscribers: Record<string, string> = {};

beforeAll(async () => {
  ingest = await Ingest.prepare();
  about = await ingest.addWebhook({ Topics: ['webhook.*', '*'], Alias: 'Mine', State: 'disabled' });
  for (const [name, Topics] of Object.entries({
    one: ['webhook.disabled'],
    all: ['*', 'webhook.*'],
    other: ['webhook.failing'],
    publishers: ['*'],
  }))
    subscribers[name] = await ingest.addWebhook({ Topics });
  subscribers['paused'] = await ingest.addWebhook({ Topics: ['webhook.disabled'], State: 'paused' });
  const stranger = await ingest.addOrganization();
  await ingest.addWebhook({ OrganizationId: stranger, Topics: ['webhook.*'] });
  await ingest.open();
  asker = await Messaging.open({
    natsUrl: ingest.nats.urlFor('dispatcher'),
    name: 'test-asker',
    onStatus: () => undefined,
  });
});
afterAll(async () => {
  await asker.close();
  await ingest.close();
});

const tell = (EventId: string, changes: object = {}) =>
  askJson(asker, 'operationalEvent', {
    OrganizationId: ingest.organizationId,
    WebhookId: about,
    EventId,
    Topic: 'webhook.disabled',
    CreatedAt: 1_750_000_000_123,
    Reason: 'gone',
    ConsecutiveFailures: 3,
    FailingSince: 1_750_000_000_000,
    ...changes,
  });

test('goes to the other webhooks that name its topic, and to no other', async () => {
  const id = newId();
  expect(await tell(id)).toEqual({ Deliveries: 3 });
  const deliveries = await ingest.deliveries(id);
  expect(Object.fromEntries(deliveries.map((row) => [row.webhook_id, [row.status, row.trigger]]))).toEqual({
    [subscribers['one'] ?? '']: ['Pending', 'event'],
    [subscribers['all'] ?? '']: ['Pending', 'event'],
    [subscribers['paused'] ?? '']: ['Held', 'event'],
  });
  await waitFor('the lane', () => ingest.lane.filter((one) => one.event.id === id).length === 2);
  expect(ingest.lane.find((one) => one.event.id === id)).toMatchObject({ trigger: 'event' });
  const stored = await ingest.event(id);
  expect(stored).toMatchObject({ topic: 'webhook.disabled', source: 'postrider', deliveries: 3 });
  expect(JSON.parse(stored.text)).toEqual({
    Id: id,
    Topic: 'webhook.disabled',
    CreatedAt: 1_750_000_000_123,
    UpdatedAt: 1_750_000_000_123,
    OrganizationId: ingest.organizationId,
    Resource: 'webhook',
    PreviousData: null,
    Data: {
      Id: about,
      OrganizationId: ingest.organizationId,
      Alias: 'Mine',
      Url: 'https://example.com/hook',
      Topics: ['webhook.*', '*'],
      State: 'disabled',
      CreatedAt: expect.any(Number),
      UpdatedAt: expect.any(Number),
      Reason: 'gone',
      ConsecutiveFailures: 3,
      FailingSince: 1_750_000_000_000,
    },
  });
});

test('told again it is the same event, also when the webhook has changed since', async () => {
  const id = newId();
  await tell(id);
  expect(await tell(id)).toEqual({ Deliveries: 3 });
  await ingest.database.query("UPDATE webhooks SET alias = 'Renamed' WHERE id = $1", [about]);
  expect(await tell(id)).toEqual({ Deliveries: 0 });
  expect(await ingest.deliveries(id)).toHaveLength(3);
});

test('of what is deleted or of another organization: not found', async () => {
  const id = newId();
  await expect(tell(id, { WebhookId: newId() })).rejects.toMatchObject({ code: 'not_found' });
  await expect(tell(id, { OrganizationId: newId() })).rejects.toMatchObject({ code: 'not_found' });
  const deleted = await ingest.addWebhook();
  await ingest.database.query('UPDATE webhooks SET deleted_at = now_ms() WHERE id = $1', [deleted]);
  await expect(tell(id, { WebhookId: deleted })).rejects.toMatchObject({ code: 'not_found' });
  expect(await ingest.deliveries(id)).toEqual([]);
});

test('publishers may not publish them', async () => {
  const body = { Topic: 'webhook.disabled', Data: {} };
  expect((await ingest.post(body)).body).toMatchObject({ code: 'reserved_topic' });
});
