// What a peer's worker does with a job: the same signatures, the same client and pool as the raw limit, an attempt row.
import { createHmac } from 'node:crypto';
import { Pool } from 'undici';
import type { PeerWebhook } from '../order.js';
import type { StoreAttempt } from './attempt-store.js';
import { concurrency, type Deliver } from './peer.js';

interface Target {
  readonly pool: Pool;
  readonly path: string;
  readonly secret: string;
  readonly key: Buffer;
}

/** One pool per origin. */
function targetsOf(webhooks: readonly PeerWebhook[]): Target[] {
  const pools = new Map<string, Pool>();
  return webhooks.map(({ url, secret }) => {
    const { origin, pathname } = new URL(url);
    const pool = pools.get(origin) ?? new Pool(origin, { connections: concurrency, pipelining: 1 });
    pools.set(origin, pool);
    return { pool, path: pathname, secret, key: Buffer.from(secret.slice('whsec_'.length), 'base64') };
  });
}

export function createDelivery(webhooks: readonly PeerWebhook[], store: StoreAttempt): Deliver {
  const targets = targetsOf(webhooks);
  return async ({ Webhook, Event }) => {
    const target = targets[Webhook];
    if (target === undefined) throw new Error(`no webhook ${Webhook}`);
    const body = JSON.stringify({ ...Event, Metadata: { Webhook: { Id: String(Webhook) } } });
    const startedAt = Date.now();
    const timestamp = String(Math.floor(startedAt / 1000));
    const hub = `sha256=${createHmac('sha256', target.secret).update(body).digest('hex')}`;
    const signed = `${Event.Id}.${timestamp}.${body}`;
    const standard = `v1,${createHmac('sha256', target.key).update(signed).digest('base64')}`;
    const startedMs = performance.now();
    const response = await target.pool.request({
      path: target.path,
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-hub-signature': hub,
        'webhook-id': Event.Id,
        'webhook-timestamp': timestamp,
        'webhook-signature': standard,
      },
      body,
    });
    const responseBody = await response.body.text();
    await store({
      eventId: Event.Id,
      webhook: Webhook,
      startedAt,
      durationMs: Math.round(performance.now() - startedMs),
      statusCode: response.statusCode,
      signature: standard,
      responseHeaders: JSON.stringify(response.headers),
      responseBody,
    });
    if (response.statusCode >= 300) throw new Error(`status ${response.statusCode}`);
  };
}
