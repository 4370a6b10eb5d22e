import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitFor } from '@postrider/test-kit';
import { Harness, newMasterKey } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

const keyIdsOf = async (webhookId: string): Promise<string[]> => {
  const rows = await harness.database.query<{ key_id: string }>(
    `SELECT DISTINCT key_id FROM (SELECT webhook_id, key_id FROM signing_secrets
       UNION ALL SELECT webhook_id, key_id FROM webhook_credentials) AS s WHERE webhook_id = $1`,
    [webhookId],
  );
  return rows.map(({ key_id }) => key_id);
};

test('a restart keeps every secret, every grace and every Authorization value', async () => {
  const before = await harness.startSigner();
  const webhook = harness.newWebhook();
  await harness.create(webhook, 'Bearer kept');
  await harness.rotate(webhook, 3_600);
  const signed = await harness.signOne(webhook);
  await harness.stopSigner(before);
  const after = await harness.startSigner();
  expect(await harness.signOne(webhook)).toEqual(signed);
  await harness.stopSigner(after);
});

test('nothing of a secret stands in the database as it is', async () => {
  const signer = await harness.startSigner();
  const webhook = harness.newWebhook();
  const { SigningSecret } = await harness.create(webhook, 'Bearer canary-authorization');
  const rows = await harness.database.query<{ text: string }>(
    `SELECT encode(sealed, 'hex') || key_id AS text FROM signing_secrets WHERE webhook_id = $1
     UNION ALL SELECT encode(sealed, 'hex') || key_id FROM webhook_credentials WHERE webhook_id = $1`,
    [webhook.webhookId],
  );
  expect(rows.length).toBe(2);
  const stored = rows.map(({ text }) => text).join();
  for (const plain of [
    Buffer.from(SigningSecret),
    Buffer.from(SigningSecret.slice(6), 'base64'),
    Buffer.from('canary-authorization'),
  ]) {
    expect(stored).not.toContain(plain.toString('hex'));
  }
  await harness.stopSigner(signer);
});

describe('with master keys that do not fit', () => {
  test.each([
    ['another key under the same id', newMasterKey('test-1'), /the master key test-1 does not open it/],
    [
      'a key of another id',
      newMasterKey('other'),
      /sealed with the master key test-1, which MASTER_KEYS does not have/,
    ],
  ])('(%s) it is not ready, says why, and takes no requests', async (_, masterKeys, reason) => {
    const right = await harness.startSigner();
    const webhook = harness.newWebhook();
    await harness.create(webhook);
    await harness.stopSigner(right);

    const wrong = await harness.startSigner({ masterKeys, unready: true });
    await waitFor('the reason', async () => reason.test((await keysCheck(wrong)).reason ?? ''));
    expect((await wrong.readiness.result()).ready).toBe(false);
    expect((await keysCheck(wrong)).reason).not.toContain(masterKeys.split(':')[1]);
    await expect(harness.sign(webhook)).rejects.toThrow(/no answer/);
    await expect(harness.create(harness.newWebhook())).rejects.toMatchObject({ code: 'unavailable' });

    // Beside it, one with the right keys answers everything.
    const beside = await harness.startSigner();
    for (let index = 0; index < 20; index += 1) await harness.signOne(webhook);
    await harness.stopSigner(beside);
    await harness.stopSigner(wrong);
  });

  const keysCheck = async (signer: Awaited<ReturnType<Harness['startSigner']>>) => {
    const { checks } = await signer.readiness.result();
    return checks['keys'] ?? { ok: false, reason: null };
  };
});

test('a row that does not open costs its own webhook the signature, and nobody else', async () => {
  const signer = await harness.startSigner();
  const [good, moved, changed] = [harness.newWebhook(), harness.newWebhook(), harness.newWebhook()];
  for (const webhook of [good, moved, changed]) await harness.create(webhook, 'Bearer x');
  await harness.database.query(
    `UPDATE signing_secrets SET sealed = (SELECT sealed FROM signing_secrets WHERE webhook_id = $1)
     WHERE webhook_id = $2`,
    [good.webhookId, moved.webhookId],
  );
  await harness.database.query(
    'UPDATE webhook_credentials SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE webhook_id = $1',
    [changed.webhookId],
  );
  const [first, second, third] = await harness.sign(good, moved, changed);
  expect(first).toMatchObject({ Authorization: 'Bearer x' });
  expect(second).toEqual({ Error: 'unavailable' });
  expect(third).toEqual({ Error: 'unavailable' });
  await harness.deleteSecrets(moved.organizationId, null);
  await harness.deleteSecrets(changed.organizationId, null);
  await harness.stopSigner(signer);
});

test('a newer master key before the old: old secrets sign, new ones are under it, all move to it', async () => {
  const old = await harness.startSigner();
  const webhook = harness.newWebhook();
  await harness.create(webhook, 'Bearer kept');
  await harness.rotate(webhook, 3_600);
  const signed = await harness.signOne(webhook);
  await harness.stopSigner(old);

  const newest = newMasterKey('test-2');
  const both = await harness.startSigner({ masterKeys: `${newest},${harness.masterKeys}` });
  expect(await harness.signOne(webhook)).toEqual(signed);
  const fresh = harness.newWebhook();
  await harness.create(fresh);
  expect(await keyIdsOf(fresh.webhookId)).toEqual(['test-2']);
  await waitFor('nothing to be left under the old key', async () => {
    const rows = await harness.database.query(
      `SELECT 1 FROM signing_secrets WHERE key_id <> 'test-2'
       UNION ALL SELECT 1 FROM webhook_credentials WHERE key_id <> 'test-2'`,
    );
    return rows.length === 0;
  });
  await harness.stopSigner(both);

  // The old one can go.
  const alone = await harness.startSigner({ masterKeys: newest });
  expect(await harness.signOne(webhook)).toEqual(signed);
  await harness.stopSigner(alone);
});
