import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { askJson, Messaging } from '@postrider/messaging';
import { waitFor } from '@postrider/test-kit';
import { Ingest } from './ingest.js';

let ingest: Ingest;
/** config-api's connection, with its rights. */
let asker: Messaging;

beforeAll(async () => {
  ingest = await Ingest.prepare();
  await ingest.addWebhook({ Topics: ['*'] });
  await ingest.open();
  asker = await Messaging.open({
    natsUrl: ingest.nats.urlFor('config_api'),
    name: 'test-asker',
    onStatus: () => undefined,
  });
});
afterAll(async () => {
  await asker.close();
  await ingest.close();
});

const ping = (WebhookId: string, OrganizationId = ingest.organizationId) =>
  askJson(asker, 'ping', { OrganizationId, WebhookId });

test.each([
  ['enabled', { Topics: ['job.execution.failed'] }],
  ['paused', { State: 'paused' as const }],
  ['disabled', { State: 'disabled' as const }],
  ['filtered', { Filter: [{ Field: 'Data.x', Operator: 'is' as const, Value: 'y' }] }],
])('a ping of a webhook that is %s goes to it and to no other', async (_what, values) => {
  // Not announced: the webhook may have been made this moment.
  const id = await ingest.addWebhook({ ...values, Alias: 'Ünïcode "quoted"', TimeoutSeconds: 4 });
  const { EventId, DeliveryId } = await ping(id);
  const [delivery, ...others] = await ingest.deliveries(EventId);
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({ id: DeliveryId, webhook_id: id, status: 'Pending', trigger: 'ping' });
  expect(delivery?.due_at).toBe((delivery?.updated_at ?? 0) + 14_000);
  const stored = await ingest.event(EventId);
  expect(stored).toMatchObject({ topic: 'webhook.ping', source: 'postrider', deliveries: 1 });
  const [row] = await ingest.database.query<Record<string, unknown>>('SELECT * FROM webhooks WHERE id = $1', [
    id,
  ]);
  expect(JSON.parse(stored.text)).toEqual({
    Id: EventId,
    Topic: 'webhook.ping',
    CreatedAt: expect.any(Number),
    UpdatedAt: expect.any(Number),
    OrganizationId: ingest.organizationId,
    Resource: 'webhook',
    PreviousData: null,
    Data: {
      Id: id,
      OrganizationId: ingest.organizationId,
      Alias: 'Ünïcode "quoted"',
      Url: 'https://example.com/hook',
      Topics: row?.['topics'],
      State: row?.['state'],
      CreatedAt: row?.['created_at'],
      UpdatedAt: row?.['updated_at'],
    },
  });
  const handedOn = await waitFor('the lane', () => ingest.lane.find((one) => one.id === DeliveryId));
  expect(handedOn).toMatchObject({ trigger: 'ping', leaseUntil: delivery?.due_at, webhookId: id });
});

test('a webhook that is not there, is deleted or is of another organization can not be pinged', async () => {
  const id = await ingest.addWebhook();
  await expect(ping(newId())).rejects.toMatchObject({ code: 'not_found' });
  await expect(ping(id, newId())).rejects.toMatchObject({ code: 'not_found' });
  await ingest.database.query('UPDATE webhooks SET deleted_at = now_ms() WHERE id = $1', [id]);
  await expect(ping(id)).rejects.toMatchObject({ code: 'not_found' });
});

test('the example of a topic goes to one webhook, as a ping does', async () => {
  const id = await ingest.addWebhook({ Topics: ['job.execution.started'], State: 'paused' });
  const { EventId, DeliveryId } = await askJson(asker, 'sendExample', {
    OrganizationId: ingest.organizationId,
    WebhookId: id,
    Topic: 'job.execution.failed',
    Data: '{"b":1,"a":12345678901234567890}',
  });
  const [delivery, ...others] = await ingest.deliveries(EventId);
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({ id: DeliveryId, webhook_id: id, status: 'Pending', trigger: 'ping' });
  const stored = await ingest.event(EventId);
  expect(stored).toMatchObject({ topic: 'job.execution.failed', source: 'postrider' });
  expect(stored.text).toContain('"Data":{"b":1,"a":12345678901234567890}}');
});
