import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { waitFor } from '@postrider/test-kit';
import { AftermathSweep } from '../src/webhooks/aftermath-sweep.js';
import { seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
});
afterAll(() => api.stop());
beforeEach(() => api.services.away.clear());

const path = (id: string) => `/v1/organizations/${org}/webhooks/${id}`;

async function statusOf(deliveryId: string): Promise<string | undefined> {
  const [row] = await api.database.query<{ status: string }>('SELECT status FROM deliveries WHERE id = $1', [
    deliveryId,
  ]);
  return row?.status;
}

async function delivery(webhookId: string, status: string): Promise<string> {
  return seedDelivery(api.database, await seedEvent(api.database, org), webhookId, { status });
}

/** As if the change lay some time back: the sweep leaves the newest ones to those who are at it. */
async function age(webhookId: string): Promise<void> {
  await api.database.query(
    'UPDATE webhooks SET updated_at = updated_at - 60000, deleted_at = deleted_at - 60000 WHERE id = $1',
    [webhookId],
  );
}

describe('rotate-secret', () => {
  test('tells a new secret this once, and how long the old one is good', async () => {
    const { Id, SigningSecret } = await api.webhook(org);
    const rotated = await api.call('post', `${path(Id)}/rotate-secret`).expect(200);
    const body = rotated.body as {
      SigningSecret: string;
      SecretCreatedAt: number;
      PreviousSecretExpiresAt: number;
    };
    expect(body.SigningSecret).toMatch(/^whsec_/);
    expect(body.SigningSecret).not.toBe(SigningSecret);
    expect(body.PreviousSecretExpiresAt).toBe(body.SecretCreatedAt + 86_400_000);
    const read = await api.call('get', path(Id)).expect(200);
    expect(read.text).not.toContain('whsec_');
    const { SigningSecret: _, ...rest } = body;
    expect(read.body).toEqual(rest);
    expect(read.headers['etag']).toBe(rotated.headers['etag']);
    const [row] = await api.database.query('SELECT secret_version FROM webhooks WHERE id = $1', [Id]);
    expect(row).toEqual({ secret_version: 2 });
  });

  test('GraceSeconds is passed on', async () => {
    const { Id } = await api.webhook(org);
    await api
      .call('post', `${path(Id)}/rotate-secret`)
      .send({ GraceSeconds: 0 })
      .expect(200);
    expect(api.services.askedFor('rotateSecret').at(-1)).toEqual({
      OrganizationId: org,
      WebhookId: Id,
      GraceSeconds: 0,
    });
    for (const GraceSeconds of [-1, 604_801, 1.5, '1', null]) {
      const refused = await api
        .call('post', `${path(Id)}/rotate-secret`)
        .send({ GraceSeconds })
        .expect(422);
      expect(refused.body).toMatchObject({ errors: [{ pointer: '/GraceSeconds' }] });
    }
    await api
      .call('post', `${path(Id)}/rotate-secret`)
      .send({ Grace: 1 })
      .expect(422);
  });

  test('of rotations at the same time the newest stays on record', async () => {
    const { Id } = await api.webhook(org);
    await Promise.all(
      Array.from({ length: 6 }, () => api.call('post', `${path(Id)}/rotate-secret`).expect(200)),
    );
    const [row] = await api.database.query('SELECT secret_version FROM webhooks WHERE id = $1', [Id]);
    expect(row).toEqual({ secret_version: 7 });
  });

  test('a signer that is away is 503, and nothing changes', async () => {
    const { Id } = await api.webhook(org);
    const before = await api.call('get', path(Id));
    api.services.away.add('rotateSecret');
    await api.call('post', `${path(Id)}/rotate-secret`).expect(503);
    expect((await api.call('get', path(Id))).body).toEqual(before.body);
  });
});

describe('pause and resume', () => {
  test('hold, then deliver', async () => {
    const { Id } = await api.webhook(org);
    const waiting = await delivery(Id, 'Pending');
    const paused = await api.call('post', `${path(Id)}/pause`).expect(200);
    expect(paused.body).toMatchObject({ Id, State: 'paused', DisabledReason: null });
    expect(await statusOf(waiting)).toBe('Held');
    const again = await api
      .call('post', `${path(Id)}/pause`)
      .send({})
      .expect(200);
    expect(again.body).toEqual(paused.body);

    const resumed = await api.call('post', `${path(Id)}/resume`).expect(200);
    expect(resumed.body).toMatchObject({ State: 'enabled' });
    expect(await statusOf(waiting)).toBe('Pending');
    expect(api.services.askedFor('releaseHeld').at(-1)).toMatchObject({ WebhookId: Id, Held: 'deliver' });
  });

  test('hold, then discard', async () => {
    const { Id } = await api.webhook(org);
    await api.call('post', `${path(Id)}/pause`).expect(200);
    const held = await delivery(Id, 'Held');
    await api
      .call('post', `${path(Id)}/resume`)
      .send({ Held: 'discard' })
      .expect(200);
    expect(await statusOf(held)).toBe('Cancelled');
  });

  test('resume enables a disabled webhook', async () => {
    const { Id } = await api.webhook(org);
    await api.database.query(
      "UPDATE webhooks SET state = 'disabled', disabled_reason = 'gone' WHERE id = $1",
      [Id],
    );
    expect((await api.call('get', path(Id))).body).toMatchObject({
      State: 'disabled',
      DisabledReason: 'gone',
    });
    const resumed = await api.call('post', `${path(Id)}/resume`).expect(200);
    expect(resumed.body).toMatchObject({ State: 'enabled', DisabledReason: null });
  });

  test('the failure clock starts anew with the resume, whether or not a dispatcher can be asked', async () => {
    const { Id } = await api.webhook(org);
    const isResumed = async () =>
      (
        await api.database.query(
          'SELECT resumed_at BETWEEN updated_at - 5000 AND updated_at + 5000 AS is FROM webhooks WHERE id = $1',
          [Id],
        )
      )[0]?.['is'];
    await api.call('post', `${path(Id)}/pause`).expect(200);
    expect(await isResumed()).toBeNull();
    api.services.away.add('releaseHeld');
    await api.call('post', `${path(Id)}/resume`).expect(200);
    api.services.away.clear();
    expect(await isResumed()).toBe(true);
  });

  test('what they do not take is named', async () => {
    const { Id } = await api.webhook(org);
    const held = await api
      .call('post', `${path(Id)}/resume`)
      .send({ Held: 'keep' })
      .expect(422);
    expect(held.body).toMatchObject({ errors: [{ pointer: '/Held' }] });
    const field = await api
      .call('post', `${path(Id)}/pause`)
      .send({ Until: 1 })
      .expect(422);
    expect(field.body).toMatchObject({ errors: [{ pointer: '/Until' }] });
    await api
      .call('post', `${path(Id)}/pause`)
      .send([])
      .expect(422);
  });

  test('without a dispatcher the state changes all the same, and the sweep delivers what is held', async () => {
    const { Id } = await api.webhook(org);
    api.services.away.add('holdPending').add('releaseHeld');
    await api.call('post', `${path(Id)}/pause`).expect(200);
    const held = await delivery(Id, 'Held');
    const resumed = await api.call('post', `${path(Id)}/resume`).expect(200);
    expect(resumed.body).toMatchObject({ State: 'enabled' });
    expect(await statusOf(held)).toBe('Held');
    api.services.away.clear();
    await age(Id);
    await api.app.get(AftermathSweep).run();
    expect(await statusOf(held)).toBe('Pending');
  });

  test('what is to be discarded is never delivered: without a dispatcher it stays paused', async () => {
    const { Id } = await api.webhook(org);
    await api.call('post', `${path(Id)}/pause`).expect(200);
    const held = await delivery(Id, 'Held');
    api.services.away.add('releaseHeld');
    const response = await api
      .call('post', `${path(Id)}/resume`)
      .send({ Held: 'discard' })
      .expect(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect((await api.call('get', path(Id))).body).toMatchObject({ State: 'paused' });
    api.services.away.clear();
    await age(Id);
    await api.app.get(AftermathSweep).run();
    expect(await statusOf(held)).toBe('Held');
  });
});

test('what a deletion could not have done while others were away is done later', async () => {
  const { Id } = await api.webhook(org);
  const held = await delivery(Id, 'Held');
  api.services.away.add('cancelPending').add('deleteSecrets');
  await api.call('delete', path(Id)).expect(204);
  expect(await statusOf(held)).toBe('Held');
  api.services.away.clear();
  await age(Id);
  const asked = api.services.asked.length;
  await api.app.get(AftermathSweep).run();
  expect(await statusOf(held)).toBe('Cancelled');
  expect(api.services.asked.slice(asked).map((one) => one.name)).toContain('deleteSecrets');
  const after = api.services.asked.length;
  await api.app.get(AftermathSweep).run();
  expect(api.services.asked.length).toBe(after);
});

describe('ping', () => {
  test('waits for the attempt and answers the delivery with it', async () => {
    const { Id } = await api.webhook(org);
    let release: (() => void) | null = null;
    const finish = api.services.onPing;
    api.services.onPing = async (id) => {
      await new Promise<void>((resolve) => (release = resolve));
      await finish(id);
    };
    let answered = false;
    const answer = api
      .call('post', `${path(Id)}/ping`)
      .expect(200)
      .then((response) => {
        answered = true;
        return response;
      });
    // Not before its delivery is there: what is asked for is noted a moment earlier.
    const finishPing = await waitFor('the ping', () => release);
    expect(answered).toBe(false);
    finishPing();
    const response = await answer;
    api.services.onPing = finish;
    expect(response.body).toMatchObject({
      WebhookId: Id,
      Topic: 'webhook.ping',
      Trigger: 'ping',
      Status: 'Succeeded',
      AttemptsCount: 1,
      Attempts: [{ Number: 1, StatusCode: 200, Error: null }],
    });
  });

  test('wait=false answers 202 at once; a body and other parameters are refused', async () => {
    const { Id } = await api.webhook(org);
    const finish = api.services.onPing;
    api.services.onPing = async () => undefined;
    const response = await api.call('post', `${path(Id)}/ping?wait=false`).expect(202);
    expect(response.body).toMatchObject({ WebhookId: Id, Status: 'Pending', Attempts: [] });
    api.services.onPing = finish;
    const wrong = await api.call('post', `${path(Id)}/ping?wait=maybe`).expect(422);
    expect(wrong.body).toMatchObject({ errors: [{ parameter: 'wait' }] });
    await api.call('post', `${path(Id)}/ping?Wait=true`).expect(422);
    await api
      .call('post', `${path(Id)}/ping`)
      .send({ a: 1 })
      .expect(422);
  });

  test('takes no longer than an attempt may: then 202 with the delivery', async () => {
    const { Id } = await api.webhook(org, { TimeoutSeconds: 1 });
    const finish = api.services.onPing;
    api.services.onPing = async () => undefined;
    const startedAt = Date.now();
    const response = await api.call('post', `${path(Id)}/ping`).expect(202);
    api.services.onPing = finish;
    expect(response.body).toMatchObject({ Status: 'Pending' });
    const tookMs = Date.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(11_000);
    expect(tookMs).toBeLessThan(13_000);
  });

  test('without event-ingest is 503', async () => {
    const { Id } = await api.webhook(org);
    api.services.away.add('ping');
    await api.call('post', `${path(Id)}/ping`).expect(503);
  });
});
