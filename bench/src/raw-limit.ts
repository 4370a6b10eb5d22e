// The limit: a bare loop of undici requests with signed bodies of the same size, as a process of its own.
// Nothing is stored, nothing is retried: no system that keeps its promises can cost less.
import { createHmac, randomBytes } from 'node:crypto';
import { Pool } from 'undici';

const [url = '', countText = '20000', bytesText = '1024'] = process.argv.slice(2);
const count = Number(countText);
const target = new URL(url);
const pool = new Pool(target.origin, { connections: 64, pipelining: 1 });
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const key = Buffer.from(secret.slice(6), 'base64');
const padding = 'x'.repeat(Number(bytesText));

async function one(n: number): Promise<void> {
  const id = `raw-${n}`;
  const body = Buffer.from(JSON.stringify({ Id: id, Data: { padding } }));
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

process.send?.('ready');
process.once('message', () => {
  const started = process.cpuUsage();
  const startedMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  void Promise.all(Array.from({ length: 64 }, worker)).then(() => {
    const { user, system } = process.cpuUsage(started);
    const perSecond = (count * 1000) / (performance.now() - startedMs);
    process.send?.({ cpuUs: (user + system) / count, perSecond });
  });
});
process.on('disconnect', () => process.exit(0));
