import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { Harness } from './harness.js';

type Vector =
  | { kind: 'hub'; secret: string; body: string; header: string }
  | { kind: 'standard'; secrets: string[]; id: string; timestamp: number; body: string; header: string };

const vectors = JSON.parse(
  readFileSync(new URL('./vectors/signatures.json', import.meta.url), 'utf8'),
) as Vector[];

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
  await harness.startSigner();
});
afterAll(() => harness.stop());

describe('the published signature vectors', () => {
  test.each(vectors.map((vector, index) => ({ index, kind: vector.kind, vector })))(
    'row $index ($kind)',
    async ({ vector }) => {
      const webhook = harness.newWebhook();
      // The first of the vector's secrets is the current one.
      await harness.store(webhook, vector.kind === 'hub' ? [vector.secret] : [...vector.secrets].reverse());
      const bytes = Buffer.from(vector.body);
      // However the body is cut, it is the same body.
      for (const cut of new Set([0, Math.min(7, bytes.length), bytes.length])) {
        const signed = await harness.signOne({
          ...webhook,
          prefix: bytes.subarray(0, cut),
          suffix: bytes.subarray(cut).toString('utf8'),
          ...(vector.kind === 'standard' ? { messageId: vector.id, timestamp: vector.timestamp } : {}),
        });
        expect(vector.kind === 'hub' ? signed.HubSignature : signed.StandardSignature).toBe(vector.header);
      }
    },
  );
});

test('the standardwebhooks library verifies what the signer signs, and nothing else', async () => {
  const webhook = harness.newWebhook();
  const { SigningSecret } = await harness.create(webhook);
  const timestamp = Math.floor(Date.now() / 1_000);
  const body = '{"Id":"evt_1","Data":{"Text":"zażółć 🚀"},"Metadata":{}}';
  const signed = await harness.signOne({
    ...webhook,
    messageId: 'evt_1',
    timestamp,
    prefix: Buffer.from(body.slice(0, -15)),
    suffix: body.slice(-15),
  });
  const headers = {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signed.StandardSignature,
  };
  const verifier = new Webhook(SigningSecret);
  expect(verifier.verify(body, headers)).toMatchObject({ Id: 'evt_1' });
  expect(() => verifier.verify(body.replace('evt_1', 'evt_2'), headers)).toThrow();
  expect(() => verifier.verify(body, { ...headers, 'webhook-id': 'evt_2' })).toThrow();
});

test('a new secret is 32 random bytes, another one each time', async () => {
  const secrets = [];
  for (let index = 0; index < 5; index += 1) {
    const created = await harness.create(harness.newWebhook());
    expect(created).toMatchObject({ SecretVersion: 1, PreviousSecretExpiresAt: null });
    expect(Math.abs(created.SecretCreatedAt - Date.now())).toBeLessThan(60_000);
    secrets.push(created.SigningSecret);
  }
  expect(new Set(secrets).size).toBe(5);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_/);
    expect(Buffer.from(secret.slice(6), 'base64').length).toBe(32);
  }
});

test('creating a second time fails and leaves the first secret as it is', async () => {
  const webhook = harness.newWebhook();
  await harness.create(webhook, 'Bearer one');
  const before = await harness.signOne(webhook);
  await expect(harness.create(webhook, 'Bearer two')).rejects.toMatchObject({ code: 'already_exists' });
  // Nor may another organization take the id.
  await expect(harness.create({ ...webhook, organizationId: newId() })).rejects.toMatchObject({
    code: 'already_exists',
  });
  expect(await harness.signOne(webhook)).toEqual(before);
});

test('of creations at the same time just one succeeds', async () => {
  const webhook = harness.newWebhook();
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => harness.create(webhook)));
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  const rows = await harness.database.query('SELECT 1 FROM signing_secrets WHERE webhook_id = $1', [
    webhook.webhookId,
  ]);
  expect(rows.length).toBe(1);
});

test('a batch is answered item by item, in its order, each with its own secret', async () => {
  const webhooks = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const webhook = harness.newWebhook();
      await harness.create(webhook, index % 3 === 0 ? `Bearer ${index}` : null);
      return webhook;
    }),
  );
  const shared = Buffer.from('{"Data":{}');
  const items = Array.from({ length: 64 }, (_, index) => ({
    ...(webhooks[index % 40] as (typeof webhooks)[number]),
    prefix: index % 2 === 0 ? shared : Buffer.from(`{"Data":{"N":${index}}`),
    messageId: `evt_${index}`,
  }));
  const unknown = harness.newWebhook();
  items[33] = { ...items[33], ...unknown } as (typeof items)[number];
  const batch = await harness.sign(...items);
  expect(batch.length).toBe(64);
  expect(batch[33]).toEqual({ Error: 'no_secret' });
  for (const [index, item] of items.entries()) {
    const [alone] = await harness.sign(item);
    expect(batch[index]).toEqual(alone);
  }
  expect(batch[39]).toMatchObject({ Authorization: 'Bearer 39' });
  expect(batch[38]).toMatchObject({ Authorization: null });
});

test("another organization's webhook gets no signature, also when the signer has its secret in mind", async () => {
  const webhook = harness.newWebhook();
  const stranger = newId();
  await harness.create(webhook);
  expect(await harness.sign({ ...webhook, organizationId: stranger })).toEqual([{ Error: 'no_secret' }]);
  await harness.signOne(webhook);
  expect(await harness.sign({ ...webhook, organizationId: stranger })).toEqual([{ Error: 'no_secret' }]);
  expect((await harness.sign(webhook, { ...webhook, organizationId: stranger }, webhook))[1]).toEqual({
    Error: 'no_secret',
  });
  await expect(harness.rotate({ ...webhook, organizationId: stranger }, 0)).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(
    harness.setAuthorization({ ...webhook, organizationId: stranger }, 'Bearer mine'),
  ).rejects.toMatchObject({ code: 'not_found' });
  await harness.deleteSecrets(stranger, webhook.webhookId);
  expect((await harness.signOne(webhook)).Authorization).toBeNull();
});

test('an Authorization value goes along from when it is set until it is taken away', async () => {
  const webhook = harness.newWebhook();
  await harness.create(webhook);
  expect((await harness.signOne(webhook)).Authorization).toBeNull();
  for (const value of ['Bearer one', 'Basic dXNlcjpwYXNz', '~'.repeat(4_096)]) {
    await harness.setAuthorization(webhook, value);
    expect((await harness.signOne(webhook)).Authorization).toBe(value);
  }
  await harness.setAuthorization(webhook, null);
  expect((await harness.signOne(webhook)).Authorization).toBeNull();
  await expect(harness.setAuthorization(harness.newWebhook(), 'x')).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('deleted secrets sign no more: of a webhook, of a whole organization; deleting twice is fine', async () => {
  const first = harness.newWebhook();
  const second = harness.newWebhook(first.organizationId);
  const third = harness.newWebhook(first.organizationId);
  const stranger = harness.newWebhook();
  for (const webhook of [first, second, third, stranger]) await harness.create(webhook, 'Bearer x');
  await harness.sign(first, second, third, stranger);
  await harness.deleteSecrets(first.organizationId, first.webhookId);
  await harness.deleteSecrets(first.organizationId, first.webhookId);
  expect(await harness.sign(first)).toEqual([{ Error: 'no_secret' }]);
  await harness.signOne(second);
  await harness.deleteSecrets(first.organizationId, null);
  expect(await harness.sign(second, third)).toEqual([{ Error: 'no_secret' }, { Error: 'no_secret' }]);
  await harness.signOne(stranger);
  const left = await harness.database.query(
    `SELECT 1 FROM signing_secrets WHERE organization_id = $1
     UNION ALL SELECT 1 FROM webhook_credentials WHERE organization_id = $1`,
    [first.organizationId],
  );
  expect(left).toEqual([]);
});

test.each([
  ['no frame', Buffer.from('x')],
  ['no JSON', Buffer.concat([Buffer.from([0, 0, 0, 4]), Buffer.from('{"a"')])],
  ['no sign request', Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from('{}')])],
])('bytes that are %s get an error, and the next request is answered', async (_, bytes) => {
  expect(JSON.parse(await harness.signBytes(bytes))).toMatchObject({ Ok: false, Code: 'internal' });
  expect(await harness.sign(harness.newWebhook())).toEqual([{ Error: 'no_secret' }]);
});

test('ids that are no UUIDs have no secret, and their neighbours are signed', async () => {
  const webhook = harness.newWebhook();
  await harness.create(webhook);
  const [strange, signed] = await harness.sign(
    { organizationId: "'; --", webhookId: 'x'.repeat(100) },
    webhook,
  );
  expect(strange).toEqual({ Error: 'no_secret' });
  expect(signed).toHaveProperty('HubSignature');
});
