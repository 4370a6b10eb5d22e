import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendRequest, startTcpProxy, waitFor, type TcpProxy } from '@postrider/test-kit';
import { Harness } from './harness.js';

let harness: Harness;
let proxy: TcpProxy;
beforeEach(async () => {
  harness = await Harness.start();
  proxy = await startTcpProxy(Number(new URL(harness.database.adminUrl).port));
});
afterEach(async () => {
  proxy.restore();
  await harness.stop();
  await proxy.stop();
});

const throughProxy = () => proxy.urlFor(harness.database.urlFor('signer'));

test('without the database it signs what it knows, says `unavailable` of the rest, and recovers by itself', async () => {
  let aheadMs = 0;
  const signer = await harness.startSigner({
    databaseUrl: throughProxy(),
    nowMs: () => Date.now() + aheadMs,
  });
  const [known, unknown] = [harness.newWebhook(), harness.newWebhook()];
  for (const webhook of [known, unknown]) await harness.create(webhook, 'Bearer x');
  const signed = await harness.signOne(known);

  proxy.cut();
  expect(await harness.sign(known, unknown)).toEqual([signed, { Error: 'unavailable' }]);
  // Also when what it knows is due to be read again.
  aheadMs = 120_000;
  expect(await harness.sign(known, unknown)).toEqual([signed, { Error: 'unavailable' }]);
  // But not when there is a newer secret than it knows.
  expect(await harness.sign({ ...known, secretVersion: 2 })).toEqual([{ Error: 'unavailable' }]);
  await expect(harness.create(harness.newWebhook())).rejects.toMatchObject({ code: 'unavailable' });
  await expect(harness.rotate(known, 0)).rejects.toMatchObject({ code: 'unavailable' });
  const { ready, checks } = await signer.readiness.result();
  expect(ready).toBe(false);
  expect(checks['database']?.reason).toBeTruthy();
  expect(checks['nats']).toEqual({ ok: true, reason: null });

  proxy.restore();
  await waitFor('the database to be back', async () => (await signer.readiness.result()).ready);
  expect(await harness.sign(known, unknown)).toEqual([
    signed,
    expect.objectContaining({ Authorization: 'Bearer x' }),
  ]);
});

test('it starts without the database, not ready, and begins to sign once that is there', async () => {
  const first = await harness.startSigner();
  const webhook = harness.newWebhook();
  await harness.create(webhook);
  await harness.stopSigner(first);
  proxy.cut();
  const signer = await harness.startSigner({ databaseUrl: throughProxy(), unready: true });
  const address = signer.app.getHttpServer().address() as { port: number };
  const health = await sendRequest('GET', `http://127.0.0.1:${address.port}/health/ready`);
  expect(health.status).toBe(503);
  expect(health.body).toMatchObject({ status: 'unavailable', checks: { database: { ok: false } } });
  expect((await sendRequest('GET', `http://127.0.0.1:${address.port}/health/live`)).status).toBe(200);
  proxy.restore();
  await waitFor('the signer to be ready', async () => (await signer.readiness.result()).ready);
  await harness.signOne(webhook);
});

test('NATS killed and started again: requests are answered again, and what changed meanwhile is seen', async () => {
  const signer = await harness.startSigner();
  const webhook = harness.newWebhook();
  await harness.create(webhook, 'Bearer old');
  await harness.signOne(webhook);
  await harness.nats.kill();
  await waitFor('the signer to notice', async () => !(await signer.readiness.result()).ready);
  expect((await signer.readiness.result()).checks['nats']?.reason).toMatch(/NATS/);
  await harness.database.query('DELETE FROM webhook_credentials WHERE webhook_id = $1', [webhook.webhookId]);
  await harness.nats.restart();
  await waitFor('the signer to be back', async () => (await signer.readiness.result()).ready);
  const signed = await waitFor('an answer', () => harness.signOne(webhook));
  expect(signed.Authorization).toBeNull();
});

test('it starts without NATS, and answers once that is there', async () => {
  await harness.nats.stop();
  const signer = await harness.startSigner({ unready: true });
  expect((await signer.readiness.result()).checks['nats']).toMatchObject({ ok: false });
  await harness.nats.restart();
  await waitFor('the signer to be ready', async () => (await signer.readiness.result()).ready);
  await waitFor('an answer', () => harness.sign(harness.newWebhook()));
});

test('a signer that stops answers what it has been asked', async () => {
  const signer = await harness.startSigner({ databaseUrl: throughProxy() });
  const webhook = harness.newWebhook();
  await harness.create(webhook);
  // Slow enough that all of them are on their way when it is told to stop.
  proxy.setDelay(300);
  const asked = Array.from({ length: 10 }, () => harness.signOne({ ...webhook, secretVersion: 2 }));
  const answers = Promise.allSettled(asked);
  await waitFor('the first queries', async () => {
    const rows = await harness.database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%unnest%LATERAL%'`,
    );
    return rows.length > 0;
  });
  await harness.stopSigner(signer);
  expect((await answers).map(({ status }) => status)).toEqual(Array(10).fill('fulfilled'));
});

test('several signers share the work; when one makes a change, all of them sign with it', async () => {
  const signers = await Promise.all([1, 2, 3].map(() => harness.startSigner()));
  const webhook = harness.newWebhook();
  await harness.create(webhook, 'Bearer old');
  for (let index = 0; index < 60; index += 1) await harness.signOne(webhook);
  await harness.setAuthorization(webhook, 'Bearer new');
  await waitFor('all of them to know', async () => {
    const seen = await Promise.all(Array.from({ length: 30 }, () => harness.signOne(webhook)));
    return seen.every(({ Authorization }) => Authorization === 'Bearer new');
  });
  // One of three stops: nobody who asks notices.
  const during = Promise.all(Array.from({ length: 200 }, () => harness.signOne(webhook)));
  await harness.stopSigner(signers[0] as (typeof signers)[number]);
  await during;
});
