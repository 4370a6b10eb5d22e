// A receiver of webhooks with nothing but Node.js: verifies both signature forms, drops duplicates, answers quickly.
//   SIGNING_SECRET=whsec_… node examples/receiver.mjs        (PORT=4010)
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = process.env.SIGNING_SECRET ?? '';
const port = Number(process.env.PORT ?? 4010);
const toleranceSeconds = 300;

const hmac = (key, ...parts) => parts.reduce((h, part) => h.update(part), createHmac('sha256', key));
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Standard Webhooks 1.0.0: base64 HMAC-SHA256 of `id.timestamp.body`, keyed with the decoded secret. */
export function verifiesStandard(headers, body, signingSecret) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const key = Buffer.from(signingSecret.replace(/^whsec_/, ''), 'base64');
  const expected = `v1,${hmac(key, `${id}.${timestamp}.`, body).digest('base64')}`;
  return signatures.split(' ').some((signature) => same(signature, expected));
}

/** X-Hub-Signature: hex HMAC-SHA256 of the body, keyed with the secret as it reads. */
export function verifiesHub(headers, body, signingSecret) {
  return same(headers['x-hub-signature'] ?? '', `sha256=${hmac(signingSecret, body).digest('hex')}`);
}

const seen = new Set();

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const isGenuine =
    verifiesStandard(request.headers, body, secret) && verifiesHub(request.headers, body, secret);
  response.writeHead(isGenuine ? 204 : 401).end();
  if (!isGenuine) {
    console.log('refused: the signature does not verify');
    return;
  }
  const event = JSON.parse(body);
  const again = seen.has(event.Id) ? ' (again: dropped)' : '';
  seen.add(event.Id);
  console.log(`verified ${event.Topic} ${event.Id}${again} ${JSON.stringify(event.Data)}`);
}).listen(port, '127.0.0.1', () => console.log(`receiving on http://127.0.0.1:${port}`));
