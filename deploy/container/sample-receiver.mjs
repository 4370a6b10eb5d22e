// The `demo` profile of docker-compose.yml: makes an organization with a webhook to itself, publishes an event every so
// often, verifies what comes and prints it.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const api = process.env.API_URL ?? 'http://config-api:3000';
const ingest = process.env.INGEST_URL ?? 'http://event-ingest:3001';
const self = process.env.SELF_URL ?? 'http://receiver:4010/webhooks';
const organization = { Id: '01900000-0000-7000-8000-0000000000de', Name: 'Demo' };
const everyMs = Number(process.env.EVERY_MS ?? 10_000);
const base = `/v1/organizations/${organization.Id}`;
let secret = '';

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${process.env.ADMIN_API_KEY}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok && response.status !== 409)
    throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** Until the services are up. */
async function persist(what, run) {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      console.log(`${what}: ${error.cause?.code ?? error.message}; trying again`);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}

// As the first process of a container it is asked to end, and would not by itself.
process.once('SIGTERM', () => process.exit(0));

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(request.headers['x-hub-signature'] ?? '');
  const isGenuine = given.length === expected.length && timingSafeEqual(given, expected);
  response.writeHead(isGenuine ? 204 : 401).end();
  const event = isGenuine ? JSON.parse(body) : null;
  console.log(isGenuine ? `verified ${event.Topic} ${event.Id}` : 'refused: the signature does not verify');
}).listen(4010, '0.0.0.0');

await persist('the organization', () => call('POST', `${api}/v1/organizations`, organization));
const { Data } = await persist('its webhooks', () => call('GET', `${api}${base}/webhooks`));
for (const { Id, Url } of Data) if (Url === self) await call('DELETE', `${api}${base}/webhooks/${Id}`);
const webhook = { Alias: 'Sample receiver', Url: self, Topics: ['job.execution.*'] };
({ SigningSecret: secret } = await persist('the webhook', () =>
  call('POST', `${api}${base}/webhooks`, webhook),
));
console.log(`receiving at ${self}`);

const publish = () =>
  call('POST', `${ingest}${base}/events`, {
    Topic: 'job.execution.failed',
    Resource: 'JobExecution',
    Data: { JobId: 'demo', State: 'Failed', ExitCode: 1 },
  });
for (;;) {
  await persist('the event', publish);
  await new Promise((resolve) => setTimeout(resolve, everyMs));
}
