// Topics that enforce the schema of their Data, at both doors.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '@postrider/test-kit';
import { Ingest } from './ingest.js';

let ingest: Ingest;
const schema = (type: string) => JSON.stringify({ required: ['Total'], properties: { Total: { type } } });

beforeAll(async () => {
  ingest = await Ingest.prepare();
  await ingest.database.query(
    `INSERT INTO topics (name, schema, enforce_schema, created_at, updated_at)
     VALUES ('order.paid', $1, true, now_ms(), now_ms()), ('order.seen', $1, false, now_ms(), now_ms()),
       ('order.odd', '{"type":"objekt"}', true, now_ms(), now_ms())`,
    [schema('integer')],
  );
  await ingest.open();
});
afterAll(async () => ingest.close());

test('over HTTP what breaks it is 422, with the pointer', async () => {
  const one = await ingest.post({ Topic: 'order.paid', Data: { Total: 'much' } });
  expect(one).toMatchObject({
    status: 422,
    body: { code: 'invalid_fields', errors: [{ pointer: '/Data/Total', detail: expect.any(String) }] },
  });
  const good = { Topic: 'order.paid', Data: { Total: 1 } };
  const many = await ingest.post([good, { Topic: 'order.paid', Data: {} }, good]);
  expect(many).toMatchObject({ status: 422, body: { errors: [{ pointer: '/1/Data/Total' }] } });
  expect(await ingest.events()).toEqual([]);
  expect((await ingest.post(good)).status).toBe(202);
});

test('a schema that is not enforced, or is none, refuses nothing', async () => {
  await ingest.accept({ Topic: 'order.seen', Data: {} });
  await ingest.accept({ Topic: 'order.odd', Data: {} });
  expect(ingest.logged('configuration.not.usable')).toHaveLength(1);
});

test('over NATS what breaks it is kept as rejected', async () => {
  const subject = `postrider.events.v1.${ingest.organizationId}.order.paid`;
  await ingest.publish({ Id: 'bad', Data: { Total: null } }, { subject });
  await ingest.publish({ Id: 'good', Data: { Total: 12 } }, { subject });
  await ingest.event('good');
  const [rejection] = await ingest.rejections(1);
  expect(rejection).toMatchObject({
    event_id: 'bad',
    code: 'invalid_fields',
    errors: [{ pointer: '/Data/Total' }],
  });
});

test('a schema that changes counts from then on', async () => {
  await ingest.database.query(
    `UPDATE topics SET schema = $1, version = nextval('config_version'), updated_at = now_ms()
     WHERE name = 'order.paid'`,
    [schema('string')],
  );
  await ingest.announce();
  await waitFor('the new schema', async () => {
    const reply = await ingest.post({ Topic: 'order.paid', Data: { Total: 'much' } });
    return reply.status === 202;
  });
});
