import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '@postrider/test-kit';
import { Webhook } from 'standardwebhooks';
import { Harness, signaturesIn, type Signed } from './harness.js';

const hourMs = 3_600_000;

let harness: Harness;
/** How far the signer's clock is put forward. */
let aheadMs = 0;
beforeAll(async () => {
  harness = await Harness.start();
  await harness.startSigner({ nowMs: () => Date.now() + aheadMs });
});
afterAll(() => harness.stop());

const timestamp = Math.floor(Date.now() / 1_000);
const body = '{"Data":{}}';

function verifies(secret: string, { StandardSignature }: Signed): boolean {
  try {
    new Webhook(secret).verify(body, {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': StandardSignature,
    });
    return true;
  } catch {
    return false;
  }
}

test('within the grace both secrets verify, after it the new one alone', async () => {
  const webhook = harness.newWebhook();
  const old = await harness.create(webhook);
  const hubBefore = (await harness.signOne({ ...webhook, timestamp })).HubSignature;

  const fresh = await harness.rotate(webhook, 3_600);
  expect(fresh.SecretVersion).toBe(2);
  expect((fresh.PreviousSecretExpiresAt ?? 0) - fresh.SecretCreatedAt).toBeGreaterThanOrEqual(hourMs - 1_000);
  const during = await harness.signOne({ ...webhook, timestamp });
  expect(signaturesIn(during)).toBe(2);
  expect(verifies(old.SigningSecret, during)).toBe(true);
  expect(verifies(fresh.SigningSecret, during)).toBe(true);
  // X-Hub-Signature holds one signature, from now on the new secret's.
  expect(during.HubSignature).not.toBe(hubBefore);
  expect(during.HubSignature).toMatch(/^sha256=[0-9a-f]{64}$/);

  aheadMs = hourMs - 5_000;
  expect(signaturesIn(await harness.signOne({ ...webhook, timestamp }))).toBe(2);
  aheadMs = hourMs + 1_000;
  const after = await harness.signOne({ ...webhook, timestamp });
  expect(signaturesIn(after)).toBe(1);
  expect(verifies(old.SigningSecret, after)).toBe(false);
  expect(verifies(fresh.SigningSecret, after)).toBe(true);
  expect(after.HubSignature).toBe(during.HubSignature);
  aheadMs = 0;
});

test('a grace of nothing ends the old secret now and keeps no copy of it', async () => {
  const webhook = harness.newWebhook();
  const old = await harness.create(webhook);
  await harness.signOne(webhook);
  const fresh = await harness.rotate(webhook, 0);
  expect(fresh.PreviousSecretExpiresAt).toBeNull();
  const signed = await harness.signOne({ ...webhook, timestamp, secretVersion: 2 });
  expect(signaturesIn(signed)).toBe(1);
  expect(verifies(old.SigningSecret, signed)).toBe(false);
  expect(verifies(fresh.SigningSecret, signed)).toBe(true);
  expect(await versionsOf(webhook.webhookId)).toEqual([2]);
});

test('at most the one before stays valid: a rotation during a grace ends the oldest', async () => {
  const webhook = harness.newWebhook();
  const first = await harness.create(webhook);
  const second = await harness.rotate(webhook, 3_600);
  const third = await harness.rotate(webhook, 60);
  const signed = await harness.signOne({ ...webhook, timestamp });
  expect(signaturesIn(signed)).toBe(2);
  expect([first, second, third].map(({ SigningSecret }) => verifies(SigningSecret, signed))).toEqual([
    false,
    true,
    true,
  ]);
  // The last rotation's grace counts.
  expect((third.PreviousSecretExpiresAt ?? 0) - third.SecretCreatedAt).toBeLessThanOrEqual(60_000);
  expect(await versionsOf(webhook.webhookId)).toEqual([2, 3]);
});

test('the grace ends by the clock of the database, without anything being asked anew', async () => {
  const webhook = harness.newWebhook();
  await harness.create(webhook);
  await harness.rotate(webhook, 1);
  expect(signaturesIn(await harness.signOne(webhook))).toBe(2);
  await waitFor('the grace to end', async () => signaturesIn(await harness.signOne(webhook)) === 1);
});

test('rotations at the same time take turns: each has a version of its own, the last one signs', async () => {
  const webhook = harness.newWebhook();
  await harness.create(webhook);
  const rotations = await Promise.all(Array.from({ length: 6 }, () => harness.rotate(webhook, 60)));
  expect(rotations.map(({ SecretVersion }) => SecretVersion).sort()).toEqual([2, 3, 4, 5, 6, 7]);
  const signed = await harness.signOne({ ...webhook, timestamp, secretVersion: 7 });
  const valid = rotations.filter(({ SigningSecret }) => verifies(SigningSecret, signed));
  expect(valid.map(({ SecretVersion }) => SecretVersion).sort()).toEqual([6, 7]);
});

test('who knows of a newer secret than the signer gets that one, whether a notice came or not', async () => {
  const webhook = harness.newWebhook();
  await harness.create(webhook);
  await harness.signOne(webhook);
  const unnoticed = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
  await harness.database.query('DELETE FROM signing_secrets WHERE webhook_id = $1', [webhook.webhookId]);
  await harness.store(webhook, ['whsec_b2xk', unnoticed]);
  expect(verifies(unnoticed, await harness.signOne({ ...webhook, timestamp, secretVersion: 1 }))).toBe(false);
  expect(verifies(unnoticed, await harness.signOne({ ...webhook, timestamp, secretVersion: 2 }))).toBe(true);
});

test('what changed without a notice is seen within a minute', async () => {
  const webhook = harness.newWebhook();
  await harness.create(webhook, 'Bearer old');
  await harness.signOne(webhook);
  await harness.database.query('DELETE FROM webhook_credentials WHERE webhook_id = $1', [webhook.webhookId]);
  expect((await harness.signOne(webhook)).Authorization).toBe('Bearer old');
  aheadMs = 60_000;
  expect((await harness.signOne(webhook)).Authorization).toBeNull();
  aheadMs = 0;
});

async function versionsOf(webhookId: string): Promise<number[]> {
  const rows = await harness.database.query<{ version: number }>(
    'SELECT version FROM signing_secrets WHERE webhook_id = $1 ORDER BY version',
    [webhookId],
  );
  return rows.map(({ version }) => version);
}
