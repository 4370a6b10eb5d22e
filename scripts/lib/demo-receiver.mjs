// The receiver of `npm run demo`: verifies both signature forms with nothing but Node.js, and says what came.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { say } from './say.mjs';

const isSame = (a, b) => a?.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const hmac = (key, text) => createHmac('sha256', key).update(text);

/** Both forms: X-Hub-Signature, keyed with the secret as it reads, and Standard Webhooks, keyed with the decoded secret. */
function isSigned(secret, body, headers) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': standard = '' } = headers;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = `v1,${hmac(key, `${id}.${timestamp}.`).update(body).digest('base64')}`;
  return (
    isSame(headers['x-hub-signature'], `sha256=${hmac(secret, body).digest('hex')}`) &&
    standard.split(' ').some((signature) => isSame(signature, expected))
  );
}

/**
 * A receiver as a customer would write it: checks the signature, then answers. It is "busy" for the first attempt of one
 * event, whose topic and a part of its text `busyFor` names.
 */
export async function startReceiver({ secretOf, busyFor }) {
  const arrivals = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { headers } = request;
    const topic = headers['x-postrider-topic'];
    const isBusy =
      topic === busyFor.topic && headers['x-postrider-attempt'] === '1' && body.includes(busyFor.text);
    const status = isBusy ? 503 : 200;
    const verdict = isSigned(secretOf(), body, headers) ? 'both signatures right' : 'SIGNATURE WRONG';
    arrivals.push({ topic, status, isRight: verdict !== 'SIGNATURE WRONG' });
    say(`  ← ${topic}, attempt ${headers['x-postrider-attempt']}, ${verdict}; answered ${status}`);
    response.writeHead(status).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/webhook`, arrivals, stop };
}
