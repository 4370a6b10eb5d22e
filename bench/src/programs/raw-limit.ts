// The limit: a bare loop of undici requests with signed bodies of the same size, as a process of its own.
// Nothing is stored, nothing is retried: no system that keeps its promises can cost less.
import { createHmac, randomBytes } from 'node:crypto';
import { Pool } from 'undici';
import { makeEvent } from '../event.js';
import { orderOf, type RawLimit } from '../order.js';
import { atOnce } from '../pace.js';

export interface RawOrder {
  readonly url: string;
  readonly count: number;
  readonly bytes: number;
}

const order = orderOf<RawOrder>();
const inFlight = 64;
const target = new URL(order.url);
const pool = new Pool(target.origin, { connections: inFlight, pipelining: 1 });
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const key = Buffer.from(secret.slice(6), 'base64');

async function one(n: number): Promise<void> {
  const id = `raw-${n}`;
  const body = Buffer.from(JSON.stringify(makeEvent(id, order.bytes, 0)));
  const timestamp = Math.floor(Date.now() / 1000);
  const hub = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const standard = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const response = await pool.request({
    path: target.pathname,
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-hub-signature': hub,
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${standard}`,
    },
    body,
  });
  await response.body.dump();
}

/** Nobody's first requests count: a loop that is still being compiled would be no limit. */
const warmUpPosts = 1_000;
await atOnce(warmUpPosts, inFlight, one);
process.send?.('ready');
process.once('message', () => {
  const started = process.cpuUsage();
  const startedMs = performance.now();
  void atOnce(order.count, inFlight, one).then(() => {
    const { user, system } = process.cpuUsage(started);
    const perSecond = (order.count * 1000) / (performance.now() - startedMs);
    process.send?.({ cpuUs: (user + system) / order.count, perSecond } satisfies RawLimit);
  });
});
process.on('disconnect', () => process.exit(0));
