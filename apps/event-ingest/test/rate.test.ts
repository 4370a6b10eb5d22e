// An organization that publishes faster than it may: told so over HTTP; over NATS, where its events are kept already,
// accepted, and sent by the way that takes nothing from others.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '@postrider/test-kit';
import { Ingest, topic } from './ingest.js';

let ingest: Ingest;
beforeAll(async () => {
  // Ten at once.
  ingest = await Ingest.prepare({ rateLimitEvents: 1 });
  await ingest.addWebhook();
  await ingest.open();
});
afterAll(async () => ingest.close());

test('over HTTP: 429, and when to come back', async () => {
  const event = { Topic: topic, Data: {} };
  const all = await ingest.post(Array.from({ length: 40 }, () => event));
  expect(all.status).toBe(202);
  const refused = await ingest.post(event);
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', status: 429 } });
  // Thirty more than there were have been taken; one comes back per second.
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(10);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(31);
});

test('over NATS: all are accepted; those beyond are due at once, for the claims, and not on the lane', async () => {
  const ids = Array.from({ length: 60 }, (_, n) => `flood-${n}`);
  for (const Id of ids) await ingest.publish({ Id, Data: {} });
  await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
  const rows = (await ingest.deliveries()).filter((row) => row.event_id.startsWith('flood-'));
  expect(rows).toHaveLength(60);
  const isForClaims = (row: { due_at: number | null; updated_at: number }) =>
    (row.due_at ?? Infinity) <= row.updated_at;
  const leased = rows.filter((row) => !isForClaims(row));
  expect(leased.length).toBeGreaterThanOrEqual(10);
  expect(leased.length).toBeLessThan(60);
  await waitFor('the lane', () =>
    leased.every((row) => ingest.lane.some((delivery) => delivery.id === row.id)),
  );
  const onLane = new Set(ingest.lane.map(({ id }) => id));
  expect(rows.filter((row) => isForClaims(row) && onLane.has(row.id))).toEqual([]);
});
